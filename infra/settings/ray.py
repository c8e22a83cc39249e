"""The settings of what Ray runs in a cluster."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from infra.settings.strict import Strict

# KubeRay takes 47 characters of a service or a job, and makes other names from them.
Name = Annotated[str, Field(pattern="^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$")]
GroupName = Annotated[str, Field(pattern="^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$")]
ObjectName = Annotated[str, Field(pattern="^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
Image = Annotated[str, Field(pattern=r"^[a-z0-9.:/_-]+(:[\w.-]+)?@sha256:[0-9a-f]{64}$")]
Version = Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
Cpus = Annotated[float, Field(ge=1, le=1024)]
Gib = Annotated[float, Field(ge=1, le=65536)]
Digest = Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")]
Workers = Annotated[int, Field(ge=0, le=10_000)]


class RayHead(Strict):
    """The pod with a cluster's state, in which drivers of jobs run, and no tasks."""

    pool: str | None = None
    """Its pool, without GPUs; the first `cpu` pool when null, or else the `system` one."""
    cpu: Cpus = 2
    """Processors."""
    memory_gib: Gib = 8
    """Memory, GiB."""


class RayGroup(Strict):
    """Workers that are alike."""

    pool: str
    """The pool that they run in."""
    cpu: Cpus
    """Processors of each."""
    memory_gib: Gib
    """Memory of each, its object store in it, GiB."""
    gpus: Annotated[int, Field(ge=0, le=1024)] = 0
    """GPUs of each; of a pool with MIG, parts of that profile."""
    min: Workers = 0
    """Workers that are always there. In a queue there are always `max`."""
    max: Annotated[int, Field(ge=1, le=10_000)]
    """Most workers."""

    @model_validator(mode="after")
    def _ordered(self) -> "RayGroup":
        if self.min > self.max:
            raise ValueError(f"min {self.min} is over max {self.max}")
        return self


class RayRuntime(Strict):
    """A cluster."""

    image: Image | None = None
    """Image of all pods, by digest; the platform's own when null."""
    version: Version | None = None
    """Ray in `image`, like `2.60.0`; needed with it."""
    head: RayHead = RayHead()
    groups: Annotated[dict[GroupName, RayGroup], Field(min_length=1, max_length=7)]
    queue: ObjectName | None = None
    """Queue that it waits in for all of its workers at once; without one, their number follows the work."""
    priority: ObjectName | None = None
    """Priority class of its pods."""

    @model_validator(mode="after")
    def _together(self) -> "RayRuntime":
        if (self.image is None) != (self.version is None):
            raise ValueError(f"image {self.image!r} with version {self.version!r}: write both, or neither")
        return self


class RayService(RayRuntime):
    """A cluster that serves."""

    serve: dict[str, Any] = {}
    """Ray Serve's configuration: `applications`, and what else `serve deploy` takes. Either this or `workload`."""
    workload: str | None = None
    """The bundled workload whose model it serves; its name is the route's."""
    model: Digest | None = None
    """Digest of that model; when null, what `production` points at as the cluster starts. Another one takes its place
    while it serves."""

    @model_validator(mode="after")
    def _one(self) -> "RayService":
        if bool(self.serve) == (self.workload is not None):
            raise ValueError("write one of `serve` and `workload`")
        if self.model and self.workload is None:
            raise ValueError(f"model {self.model} is of no workload: write `workload`")
        return self


class RayJob(RayRuntime):
    """A cluster for a piece of work."""

    entrypoint: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    """The command. Either this or `workload`."""
    workload: str | None = None
    """The bundled workload that it runs, from its data to a model that the gate allowed."""
    runtime_env: dict[str, Any] = {}
    """Ray's runtime environment; nothing can be installed by it."""
    retries: Annotated[int, Field(ge=0, le=10)] = 0
    """How often it is tried again, each time by another cluster."""
    deadline_seconds: Annotated[int, Field(ge=60, le=31_536_000)] = 86400
    """The longest it may run, seconds."""
    keep_seconds: Annotated[int, Field(ge=0, le=604_800)] = 600
    """How long its cluster stays when it is done, seconds."""

    @model_validator(mode="after")
    def _one(self) -> "RayJob":
        if (self.entrypoint is None) == (self.workload is None):
            raise ValueError("write one of `entrypoint` and `workload`")
        return self


class Judge(Strict):
    """The decision server of model releases, which you run: no region has one yet."""

    url: Annotated[str, Field(pattern=r"^https://[a-z0-9.-]+(:\d+)?$", max_length=256)]
    """Its address, in the region's network at port 443."""
    bundle: Digest
    """Digest of the policies that it judges by."""


class Found(Strict):
    """What workloads find in namespace `ray`, and the region does not make."""

    volume: ObjectName
    """Claim of a volume that many pods write (ReadWriteMany): the sealed store, its key ring, the decision log."""
    secret: ObjectName
    """Secret with `passphrase`, which opens the key ring, and `decision`, the decision server's token."""
    ring: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    """The key ring's id, as `python -m workloads.lib.begin` says it."""
    decision: Judge


class Ray(Strict):
    """What Ray runs in the cluster, by name."""

    platform: Found | None = None
    """What jobs and services with a `workload` find there; null where there are none."""
    runtimes: dict[Name, RayRuntime] = {}
    services: dict[Name, RayService] = {}
    jobs: dict[Name, RayJob] = {}

    def every(self) -> dict[str, RayRuntime]:
        """All of them, by the end of their key: `jobs.train`."""
        kinds: dict[str, dict[str, Any]] = {"runtimes": self.runtimes, "services": self.services, "jobs": self.jobs}
        return {f"{kind}.{name}": one for kind, found in kinds.items() for name, one in found.items()}

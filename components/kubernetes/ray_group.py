"""The pods of a Ray cluster: its head, its workers by groups, and who submits a job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components import pools
from components.contracts import Text
from components.kubernetes import ray_tls
from components.kubernetes.pod import Claim, container, pod, spread, template

USER = 1000
"""Ray's own, in its images."""
CLUSTER = "falaj.ae/ray"
"""The label with the cluster's, service's or job's name; `app.kubernetes.io/name` is what KubeRay finds pods by."""
PORTS = {"gcs": 6379, "client": 10001, "dashboard": 8265, "metrics": 8080, "serve": 8000}
_WORKER_PORTS = {"metrics": 8080, "serve": 8000}
_OBJECTS, _HEAP, _SHARED = 0.3, 0.6, 0.5
"""Of a pod's memory: Ray's object store, what tasks may claim, and the most that /dev/shm may grow to."""
_LOGS_GIB, _SCRATCH_GIB = 20, 4
"""Logs and spilled objects; caches and whatever else is written to /tmp."""
_ENVIRONMENT = {"HF_HUB_OFFLINE": "1", "HOME": "/tmp"}  # noqa: S108  a volume of the pod's own
_TRUSTED = "cache-authorities"
_GRACE = 90  # seconds: `ray stop` lets processes end by themselves


@dataclass(frozen=True, kw_only=True)
class Pool:
    """What a cluster needs to know of the machines of a pool."""

    name: str
    gpus: int = 0
    """GPUs of a machine; 0 for a pool without."""
    mig: str | None = None
    """How each is cut, like `1g.18gb`; a worker's GPUs are such parts then."""
    efa: int = 0
    """EFA interfaces of a machine."""
    place: pools.Place | None = None
    """How pods come onto them, where the region has not made them."""
    near: str | None = pools.ZONE
    """Label whose value is the same on nodes that are near each other; None where no label says so."""

    @property
    def where(self) -> pools.Place:
        """How pods come onto its machines."""
        return self.place or pools.place(self.name, "gpu" if self.gpus else "cpu")

    @property
    def device(self) -> str:
        """The resource that a worker claims."""
        return pools.device(self.mig)


@dataclass(frozen=True, kw_only=True)
class Head:
    """The pod that the cluster's state and the drivers of jobs are in. Tasks and actors are not run there."""

    pool: Pool
    cpu: float = 2
    memory_gib: float = 8


@dataclass(frozen=True, kw_only=True)
class Group:
    """Workers that are alike."""

    name: str
    pool: Pool
    cpu: float
    memory_gib: float
    gpus: int = 0
    min: int = 0
    max: int

    def __post_init__(self) -> None:
        if not 0 <= self.min <= self.max or self.max == 0:
            raise ValueError(f"group {self.name!r}: min {self.min} and max {self.max} do not ascend")
        if bool(self.gpus) != bool(self.pool.gpus):
            raise ValueError(f"group {self.name!r} claims {self.gpus} GPUs of pool {self.pool.name!r}")

    @property
    def interfaces(self) -> int:
        """EFA interfaces of a worker: as many of the machine's as its GPUs are of the machine's."""
        return 0 if self.pool.mig or not self.pool.gpus else self.pool.efa * self.gpus // self.pool.gpus


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A volume that drivers and workers have alike, or one file of it."""

    name: str
    """Of the volume."""
    source: Mapping[str, Any]
    """The volume, as Kubernetes writes it."""
    path: str
    file: str = ""
    """The one of its files that is at `path`; all of them when empty."""
    read_only: bool = True

    @property
    def point(self) -> dict[str, Any]:
        """As a container has it."""
        one = {"subPath": self.file} if self.file else {}
        return {"name": self.name, "mountPath": self.path, **one, **({"readOnly": True} if self.read_only else {})}


@dataclass(frozen=True, kw_only=True)
class Pods:
    """What all pods of a cluster have in common."""

    name: str
    image: str
    account: Text
    labels: Mapping[str, str]
    env: Mapping[str, Any]
    priority: str | None
    mounts: Sequence[Mount] = ()

    def head(
        self,
        head: Head,
        mounts: Mapping[str, Mapping[str, Any]],
        reason: str,
        env: Mapping[str, str],
        authorities: str | None = None,
    ) -> dict[str, Any]:
        """The head's group. `mounts` are volumes for the autoscaler beside it; `reason` is its one for a token.

        `authorities` is the ConfigMap of those who vouch for what keeps its state.
        """
        trusted = {_TRUSTED: {"configMap": {"name": authorities}}} if authorities else {}
        vouched = {"RAY_REDIS_CA_CERT": f"/etc/{_TRUSTED}/bundle.pem"} if authorities else {}
        claim = _claim(head.cpu, head.memory_gib)
        ray = self._ray("ray-head", claim, PORTS, self.image, {**env, **vouched}, list(trusted))
        made = self._pod(ray, self.image, head.pool, head.memory_gib, {**mounts, **trusted}, is_head=True)
        params = {**_memory(head.memory_gib), "num-cpus": "0", "dashboard-host": "0.0.0.0"}  # noqa: S104  the pod's
        return {
            "serviceType": "ClusterIP",
            "enableIngress": False,
            "rayStartParams": params,
            "template": template(made, self.labels, needs_token=reason),
        }

    def workers(self, group: Group, image: str, *, autoscaled: bool) -> dict[str, Any]:
        """A group of workers. Whose number something else sets has none here: the autoscaler's is not taken back."""
        devices = {group.pool.device: str(group.gpus)} if group.gpus else {}
        env: dict[str, Any] = {}
        if group.interfaces:
            devices["vpc.amazonaws.com/efa"] = str(group.interfaces)
            # Pods claim no huge pages; and processes that load data are forked.
            env = {"FI_PROVIDER": "efa", "FI_EFA_USE_HUGE_PAGE": "0"}
        ray = self._ray("ray-worker", _claim(group.cpu, group.memory_gib, devices), _WORKER_PORTS, image, env)
        made = self._pod(ray, image, group.pool, group.memory_gib, {}, is_head=False) | self._placed(group)
        params = {**_memory(group.memory_gib), "num-cpus": str(int(group.cpu)), "num-gpus": str(group.gpus)}
        return {
            "groupName": group.name,
            "minReplicas": group.min if autoscaled else group.max,
            "maxReplicas": group.max,
            **({} if autoscaled else {"replicas": group.max}),
            "rayStartParams": params,
            "template": template(made, self.labels),
        }

    def submitter(self, head: Head) -> dict[str, Any]:
        """Who hands a job to the cluster and follows its log; KubeRay says how."""
        one = container("submitter", self.image, Claim(cpu="500m", memory="1Gi"), env={"HOME": "/tmp"})  # noqa: S108
        made = pod(
            [one],
            account=self.account,
            user=USER,
            nodes=head.pool.where.nodes,
            restartPolicy="Never",
            **_tolerating(head.pool),
        )
        return template(made, self.labels)

    def _ray(
        self,
        name: str,
        claim: Claim,
        ports: Mapping[str, int],
        image: str,
        env: Mapping[str, Any] | None = None,
        trusted: Sequence[str] = (),
    ) -> dict[str, Any]:
        made = container(
            name,
            image,
            claim,
            env={**_ENVIRONMENT, **ray_tls.ENVIRONMENT, **(env or {}), **self.env},
            ports=ports,
            mounts={
                "ray-logs": "/tmp/ray",  # noqa: S108
                "shared-mem": "/dev/shm",  # noqa: S108
                **ray_tls.MOUNT,
                **{volume: f"/etc/{volume}" for volume in trusted},
            },
            read_only=["tls", *trusted],
            lifecycle={"preStop": {"exec": {"command": ["ray", "stop", "--grace-period", str(_GRACE - 30)]}}},
        )
        made["volumeMounts"] += [mount.point for mount in self.mounts]
        return made

    def _pod(
        self,
        ray: Mapping[str, Any],
        image: str,
        pool: Pool,
        memory_gib: float,
        mounts: Mapping[str, Mapping[str, Any]],
        *,
        is_head: bool,
    ) -> dict[str, Any]:
        volumes = {
            "tmp": {"emptyDir": {"sizeLimit": f"{_SCRATCH_GIB}Gi"}},
            "ray-logs": {"emptyDir": {"sizeLimit": f"{_LOGS_GIB}Gi"}},
            # Counts as the pod's memory, whose limit is over all of it.
            "shared-mem": {"emptyDir": {"medium": "Memory", "sizeLimit": _mib(memory_gib * _SHARED)}},
            **ray_tls.volumes(self.name),
            **mounts,
            **{mount.name: mount.source for mount in self.mounts},
        }
        return pod(
            [ray],
            account=self.account,
            volumes=volumes,
            user=USER,
            nodes=pool.where.nodes,
            **_tolerating(pool),
            initContainers=[ray_tls.signer(image, head=is_head)],
            terminationGracePeriodSeconds=_GRACE,
            **({"priorityClassName": self.priority} if self.priority else {}),
        )

    def _placed(self, group: Group) -> dict[str, Any]:
        """Workers with GPUs stand near each other, since they speak with each other; the others are spread over zones.

        A pool whose machines speak EFA is one placement group: with the pool's name the place is said.
        """
        mine = {CLUSTER: self.name, "ray.io/group": group.name}
        if not group.gpus:
            return {"topologySpreadConstraints": spread(mine)}
        if group.pool.near is None or group.max == 1:
            return {}
        together = {"labelSelector": {"matchLabels": mine}, "topologyKey": group.pool.near}
        return {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [together]}}}


def _tolerating(pool: Pool) -> dict[str, Any]:
    return {"tolerations": pool.where.tolerations} if pool.where.taints else {}


def _claim(cpu: float, memory_gib: float, devices: Mapping[str, str] | None = None) -> Claim:
    disk = f"{_LOGS_GIB + _SCRATCH_GIB + 1}Gi"
    return Claim(cpu=f"{cpu:g}", memory=_mib(memory_gib), disk=disk, devices=devices)


def _memory(gib: float) -> dict[str, str]:
    """Without them Ray takes the object store out of what tasks may claim too, and the pod is killed."""
    return {"object-store-memory": str(int(gib * _OBJECTS * 2**30)), "memory": str(int(gib * _HEAP * 2**30))}


def _mib(gib: float) -> str:
    return f"{int(gib * 1024)}Mi"

"""The sections of a stack on a cluster that is there already: what it has is said here, since nothing is looked up."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from components import pools
from infra.settings.platform import Address, Bundle, Layer
from infra.settings.queues import Space
from infra.settings.strict import Port, Strict, Text

Cidr = Annotated[str, Field(pattern=r"^(\d{1,3}\.){3}\d{1,3}/\d{1,2}$")]
Host = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", max_length=253)]
ObjectName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]
LabelKey = Annotated[str, Field(pattern=r"^([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$")]
LabelValue = Annotated[str, Field(pattern=r"^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$")]
Watts = Annotated[float, Field(ge=0, le=100_000)]


class Dns(Strict):
    """The cluster's name server: the only one that pods may ask."""

    namespace: Space = "kube-system"
    """The namespace of its pods; of OpenShift's, `openshift-dns`."""
    pods: dict[LabelKey, LabelValue] = {"k8s-app": "kube-dns"}
    """Labels of its pods; of OpenShift's, `dns.operator.openshift.io/daemonset-dns: default`."""
    port: Annotated[int, Field(ge=1, le=65535)] = 53
    """Port at which its pods answer; of OpenShift's, 5353."""


class Cluster(Strict):
    """How the cluster is reached, and what its network is."""

    server: Annotated[str, Field(pattern=r"^https://[a-z0-9.-]+(:\d+)?$")]
    """Where its API answers, at a host among `policy.hosts`: the gate wants that. The kubeconfig must lead there."""
    context: Text
    """The kubeconfig's context."""
    kubeconfig: Annotated[str, Field(pattern="^[/~]")] | None = None
    """File of whoever applies it; the usual one (`$KUBECONFIG`, or else `~/.kube/config`) when null."""
    version: Annotated[str, Field(pattern=r"^1\.\d{2}$")]
    """Kubernetes version, in quotes."""
    network: Annotated[list[Cidr], Field(min_length=1)]
    """Ranges in which its nodes, its API server and the servers below answer."""
    service_cidr: Cidr
    """Addresses of its services."""
    dns: Dns = Dns()
    region: Annotated[str, Field(pattern="^[a-z0-9-]*$")] = ""
    """What its nodes say in the label `topology.kubernetes.io/region`, if they do."""
    near: LabelKey | None = None
    """Label whose value is the same on nodes that are near each other, like `topology.kubernetes.io/rack`: workers with
    GPUs of one group stand on such then."""


class State(Strict):
    """Where the stack's state is kept."""

    backend: Annotated[str, Field(pattern=r"^(s3|azblob)://\S+$")]
    """URL as `pulumi login` takes it, in the country. `secretsprovider` beside `config` is what seals its secrets."""


class Taint(Strict):
    """What keeps other pods away from a node."""

    key: LabelKey
    """Its key."""
    value: LabelValue = ""
    """Its value."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] = "NoSchedule"
    """What becomes of those others."""


class Machine(Strict):
    """What a node is, for what watches costs and energy."""

    type: LabelValue
    """What it says in the label `node.kubernetes.io/instance-type`."""
    watts: Watts
    """Of all of it at full load."""
    gpu_watts: Watts = 0
    """Of its GPUs together."""
    usd: Annotated[float, Field(ge=0)] | None = None
    """What an hour of it costs, USD."""


class GivenPool(Strict):
    """Nodes that are alike."""

    kind: Literal["system", "cpu", "gpu"]
    """`system` carries the platform's own servers, `cpu` and `gpu` the tenants' work."""
    nodes: dict[LabelKey, LabelValue] = {}
    """Labels that these nodes have and no others; `falaj.io/pool: <the pool's name>` when empty."""
    taints: list[Taint] = []
    """Taints of these nodes."""
    number: Annotated[int, Field(ge=1, le=1000)]
    """How many there are."""
    cpu: Annotated[float, Field(ge=1, le=1024)]
    """Processors of each that pods can claim: `Allocatable` of `kubectl describe node`."""
    memory_gib: Annotated[float, Field(ge=1, le=65536)]
    """Memory of each that pods can claim, GiB."""
    disk_gib: Annotated[int, Field(ge=10, le=1_000_000)] = 100
    """Disk of each that pods can claim, GiB."""
    gpus: Annotated[int, Field(ge=0, le=1024)] = 0
    """How many of `resource` each has."""
    resource: Annotated[str, Field(pattern=r"^nvidia\.com/(gpu|mig-\d+g\.\d+gb)$")] = "nvidia.com/gpu"
    """What its GPUs are called, or the parts that they are divided into."""
    share: Annotated[int, Field(ge=1, le=56)] = 1
    """How many of them a GPU is: its parts, or, of `nvidia.com/gpu`, how many pods use it in turn."""
    machine: Machine | None = None

    def selector(self, name: str) -> dict[str, str]:
        """The labels of its nodes, when the pool is called so."""
        return dict(self.nodes) or {pools.POOL: name}

    @property
    def max(self) -> int:
        """All of them are there."""
        return self.number

    @property
    def desired(self) -> int:
        """All of them are there."""
        return self.number

    @property
    def mig(self) -> str | None:
        """The profile that each GPU is divided into."""
        return self.resource.partition("/mig-")[2] or None

    @property
    def time_slices(self) -> int:
        """How many pods use each GPU in turn."""
        return 1 if self.mig else self.share

    @model_validator(mode="after")
    def _whole(self) -> "GivenPool":
        if self.gpus % self.share:
            raise ValueError(f"gpus {self.gpus} are no whole GPUs of {self.share} each")
        return self


class Disks(Strict):
    """Volumes of the platform's servers: a class that is there, or a driver of which one is made."""

    storage_class: ObjectName | None = None
    """Name of the storage class. Its volumes are sealed: nobody here sees to it."""
    driver: Annotated[str, Field(pattern=r"^[a-z0-9.-]+$")] | None = None
    """Name of the CSI driver, like `disk.csi.azure.com`."""
    parameters: dict[str, str] = {}
    """What the driver is told: how volumes are sealed, too."""

    @model_validator(mode="after")
    def _one(self) -> "Disks":
        if (self.storage_class is None) == (self.driver is None):
            raise ValueError("write storage_class, or driver with its parameters")
        if self.parameters and self.driver is None:
            raise ValueError("parameters are a driver's, and there is none")
        return self


class Secrets(Strict):
    """Your Secrets, which the platform copies to where pods need them."""

    namespace: Space = "falaj-secrets"
    """The namespace that they are in. It is yours, and there before the stack."""


class Cache(Strict):
    """Valkey, or Redis, over TLS: keeps the state of Ray's heads."""

    host: Host
    """Its name."""
    port: Port = 6379
    """Its port."""
    secret: ObjectName
    """Name of your Secret with `username` and `password`."""
    authorities: Bundle | None = None
    """Certificates (PEM) of those who vouch for it; those that the image of Ray trusts when null."""


class Database(Strict):
    """PostgreSQL, over TLS: keeps MLflow's runs and metrics."""

    host: Host
    """Its name."""
    port: Port = 5432
    """Its port."""
    name: Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,62}$")] = "mlflow"
    """The database."""
    secret: ObjectName
    """Name of your Secret with `username` and `password`."""
    authorities: Bundle | None = None
    """Certificates (PEM) by which it is known. Not looked at when null."""


class Artifacts(Strict):
    """A bucket of an object store that speaks S3: keeps MLflow's files."""

    endpoint: Annotated[str, Field(pattern=r"^https://[a-z0-9.-]+(:\d+)?$")]
    """The store's URL. The gate wants its host among `policy.hosts`."""
    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    """Its name."""
    secret: ObjectName
    """Name of your Secret with `access_key` and `secret_key`."""


class Energy(Strict):
    """What the building and its grid add."""

    pue: Annotated[float, Field(ge=1, le=5)]
    """Watts of the whole building for each watt of its computers."""
    grid: Annotated[float, Field(ge=0, le=2000)]
    """Grams of CO2 for each kWh of its grid."""


class GivenPlatform(Layer):
    """The cluster's platform layer."""

    registry: Address
    """What the addresses of its images begin with. `falaj mirror` fills it."""
    devices: bool = False
    """Whether NVIDIA's device plugin, MIG manager and exporter are brought; false where the cluster has them."""

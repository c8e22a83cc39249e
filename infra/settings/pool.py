"""The settings of a node pool in a cloud."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from infra.settings.strict import Moment, Strict

Nodes = Annotated[int, Field(ge=0, le=1000)]
InstanceType = Annotated[str, Field(pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$")]
Reservation = Annotated[str, Field(pattern=r"^cr-[0-9a-f]{17}$")]
Letter = Annotated[str, Field(pattern="^[a-z]$")]


class Block(Strict):
    """When a bought Capacity Block may be used, as its confirmation says."""

    starts: Moment
    """Its first moment, like `2027-01-04T11:30:00Z`."""
    ends: Moment
    """Its last moment. EC2 ends its machines half an hour before."""


class Pool(Strict):
    """Machines of one kind."""

    kind: Literal["system", "cpu", "gpu"]
    """`system` carries the platform's own servers, `cpu` and `gpu` the tenants' work."""
    instance_types: Annotated[list[InstanceType], Field(min_length=1, max_length=20)]
    """Instance types of one architecture, the preferred first. With EFA, MIG, a reservation or a block it is one."""
    min: Nodes
    """Machines that are always there."""
    max: Nodes
    """Most machines; the stack's quotas must allow them."""
    desired: Nodes
    """Machines at first; later the autoscaler's affair. Of a pool of Karpenter's, none."""
    disk_gib: Annotated[int, Field(ge=20, le=16384)] = 100
    """Encrypted root volume of each machine, GiB."""
    capacity: Literal["on-demand", "spot", "reserved", "block"] = "on-demand"
    """How machines are bought; `reserved` is a capacity reservation, `block` a Capacity Block for ML."""
    reservation: Reservation | None = None
    """Id of the reservation or of the Capacity Block."""
    block: Block | None = None
    """When the Capacity Block is; needed for `block`."""
    zones: list[Letter] = []
    """Zones of the network to use; all of them when empty. With EFA, a reservation or a block it is one."""
    efa: bool = False
    """Whether machines talk over EFA network interfaces, in one placement group."""
    mig: Annotated[str, Field(pattern=r"^\d+g\.\d+gb$")] | None = None
    """MIG profile that every GPU is divided into, like `1g.18gb`."""
    time_slices: Annotated[int, Field(ge=1, le=16)] = 1
    """How many pods use each GPU in turn, its memory in common; each share counts as a GPU. Not with `mig`."""
    image: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+-[0-9a-f]{8}$")]
    """Release of the machine image: with GPUs of Amazon Linux, like `1.35.7-20260911`; else of Bottlerocket."""

    @model_validator(mode="after")
    def _ordered(self) -> "Pool":
        if not self.min <= self.desired <= self.max or self.max == 0:
            problem = f"min {self.min}, desired {self.desired} and max {self.max} do not ascend"
            raise ValueError(problem if self.max else "max 0 is no pool")
        return self

"""What tells the nodes of a pool from others, on whatever cluster: labels and taints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

GPU = "nvidia.com/gpu"
POOL, KIND, CAPACITY = "falaj.io/pool", "falaj.io/kind", "falaj.io/capacity"
MIG, DIVIDED = "nvidia.com/mig.config", "nvidia.com/mig.config.state"
"""How a node's GPUs are to be divided, and what became of it: `success` once they are."""
ZONE = "topology.kubernetes.io/zone"


@dataclass(frozen=True, kw_only=True)
class Place:
    """How pods come onto the nodes of a pool."""

    nodes: Mapping[str, str]
    """Labels that these nodes have, and no others."""
    taints: Sequence[Mapping[str, str]] = ()
    """What keeps other pods away from them, as Kubernetes writes it."""

    @property
    def tolerations(self) -> list[dict[str, str]]:
        """Of pods that run there all the same."""
        return [{"key": one["key"], "operator": "Exists", "effect": one["effect"]} for one in self.taints]


def place(name: str, kind: str) -> Place:
    """Of a pool whose nodes the region makes."""
    return Place(nodes={POOL: name}, taints=taints(kind))


def labels(name: str, kind: str, capacity: str, mig: str | None) -> dict[str, str]:
    """Of every node of a pool; `mig` is a configuration of the MIG manager, like `all-1g.18gb`."""
    made = {POOL: name, KIND: kind, CAPACITY: capacity}
    return {**made, MIG: mig} if mig else made


def taints(kind: str) -> list[dict[str, str]]:
    """Machines with GPUs are for pods that ask for GPUs. As Kubernetes writes them."""
    return [{"key": GPU, "value": "true", "effect": "NoSchedule"}] if kind == "gpu" else []


def tolerations(kind: str) -> list[dict[str, str]]:
    """Of pods that run on such a pool all the same."""
    return place("", kind).tolerations


def device(mig: str | None) -> str:
    """What pods claim of a pool's GPUs; `mig` is the profile that each is divided into, like `1g.18gb`."""
    return f"nvidia.com/mig-{mig}" if mig else GPU

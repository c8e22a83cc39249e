"""What pods can claim of a machine, about.

EC2 keeps some of a machine's memory (Karpenter reckons with 7.5 %), EKS's images keep some for the kubelet by formulas
of their own, and the daemons of every node claim some. The formulas, of awslabs/amazon-eks-ami, were not read again.
"""

from infra.catalog.aws.instance import Gpu, Instance
from infra.catalog.room import PODS, Room

_EC2 = 0.075
_KUBELET_MIB, _POD_MIB, _EVICTION_MIB = 255, 11, 100
# Of the first processor, the second, the third and fourth, and all others.
_KUBELET_CPUS = ((1, 0.06), (1, 0.01), (2, 0.005), (10_000, 0.0025))


def allocatable(machine: Instance, mig: str | None = None, slices: int = 1) -> Room:
    """What the kubelet tells the scheduler; `mig` is the profile that each GPU is divided into, `slices` its users."""
    left, kept = machine.vcpus, 0.0
    for many, share in _KUBELET_CPUS:
        kept += min(many, left) * share
        left -= min(many, left)
    gib = machine.gib * (1 - _EC2) - (_KUBELET_MIB + _POD_MIB * PODS + _EVICTION_MIB) / 1024
    each = parts(machine.gpu, mig) if machine.gpu and mig else slices
    return Room(machine.vcpus - kept, gib, machine.gpus * each)


def room(machine: Instance, mig: str | None = None, slices: int = 1) -> Room:
    """What is left when each node's daemons run."""
    return allocatable(machine, mig, slices).left()


def parts(gpu: Gpu, mig: str) -> int:
    """How many of a MIG profile a GPU is divided into: it has seven slices of computing, and its memory."""
    slices, gib = (int(part) for part in mig.removesuffix("gb").split("g."))
    return max(min(7 // slices, round(gpu.gib / gib)), 1)

"""Nodes that are not there, of a stack's pools: what their machines would be, by the catalogue."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from components import pools
from infra.catalog.aws import room
from infra.catalog.aws.instance import Instance, instances
from infra.plan.cluster.client import Client, Object
from infra.settings import AwsStack
from infra.settings.pool import Pool

AT_ONCE = 16
_DISK = 0.9
"""What is left for pods when the kubelet keeps a tenth free, as it does by itself."""


def counts(settings: AwsStack, wanted: Mapping[str, int]) -> dict[str, int]:
    """Nodes by pool: as many as are wanted, else as many as the pool has at first, and one at least."""
    return {name: wanted.get(name, max(pool.desired, 1)) for name, pool in settings.pools.items()}


def nodes(settings: AwsStack, zones: list[str], many: Mapping[str, int]) -> Iterator[Object]:
    """The Node objects, pool by pool, spread over the pool's zones."""
    for name, pool in settings.pools.items():
        machine = instances()[pool.instance_types[0]]
        own = [f"{settings.region}{letter}" for letter in pool.zones] or zones
        for number in range(many[name]):
            yield _node(f"{name}-{number}", name, pool, machine, own[number % len(own)])


def put(client: Client, objects: Iterator[Object]) -> None:
    """Have them all on the server."""
    with ThreadPoolExecutor(AT_ONCE) as at_once:
        list(at_once.map(partial(client.apply, force=True), objects))


def allocatable(pool: Pool) -> dict[str, str]:
    """What pods of a pool's machine can claim."""
    machine = instances()[pool.instance_types[0]]
    of = room.allocatable(machine, pool.mig, pool.time_slices)
    found = {
        "cpu": f"{int(of.cpu * 1000)}m",
        "memory": f"{int(of.gib * 1024)}Mi",
        "ephemeral-storage": f"{int(pool.disk_gib * _DISK)}Gi",
        "pods": str(room.PODS),
    }
    if of.gpus:
        found[pools.device(pool.mig)] = str(of.gpus)
    if machine.efa:
        found["vpc.amazonaws.com/efa"] = str(machine.efa)
    return found


def _node(name: str, pool_name: str, pool: Pool, machine: Instance, zone: str) -> Object:
    mig = f"all-{pool.mig}" if pool.mig else None
    claimed = allocatable(pool)
    labels = {
        **pools.labels(pool_name, pool.kind, pool.capacity, mig),
        "kubernetes.io/arch": "arm64" if machine.arch == "arm64" else "amd64",
        "kubernetes.io/os": "linux",
        "kubernetes.io/hostname": name,
        "node.kubernetes.io/instance-type": machine.type,
        "topology.kubernetes.io/region": zone[:-1],
        "topology.kubernetes.io/zone": zone,
    }
    if machine.gpu:
        # What the MIG manager says once it has divided them.
        labels |= {pools.DIVIDED: "success"} if mig else {}
        labels["nvidia.com/gpu.product"] = f"NVIDIA-{machine.gpu.model.replace(' ', '-')}"
    metadata: dict[str, Any] = {"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata,
        "spec": {"taints": pools.taints(pool.kind)},
        "status": {"allocatable": claimed, "capacity": claimed},
    }

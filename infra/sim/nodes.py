"""Nodes that are not there, of a stack's pools: what their machines would be, by the catalogue; and their loss."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from components import pools
from infra.catalog.aws import room
from infra.catalog.aws.instance import Instance, instances
from infra.errors import FalajError
from infra.plan.cluster.client import Client, Object
from infra.settings import AwsStack
from infra.settings.pool import Pool

_AT_ONCE = 16
_DISK = 0.9
"""What is left for pods when the kubelet keeps a tenth free, as it does by itself."""
_LEASE = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}
_LEASES = "kube-node-lease"
_NOBODY = "nobody"
_FOR_EVER = 2**31 - 1  # seconds


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
    with ThreadPoolExecutor(_AT_ONCE) as at_once:
        list(at_once.map(partial(client.apply, force=True), objects))


def lose(client: Client, name: str, node: str) -> None:
    """Have its machine fail without a word: it reports no more, and its pods do not end. SIM-008: no such node.

    Who holds a node's lease has the node; kwok leaves alone what another one holds.
    """
    live = client.get({**_LEASE, "metadata": {"name": node, "namespace": _LEASES}})
    if live is None:
        there = sorted(one["metadata"]["name"] for one in client.list_of("v1", "Node", "", {}))
        raise FalajError("SIM-008", name, f"it has no node {node!r}; there is {', '.join(there)}")
    lost = {"spec": {"holderIdentity": _NOBODY, "leaseDurationSeconds": _FOR_EVER}}
    client.ask("PATCH", client.address(live), lost, {}, "application/merge-patch+json")


def replace(client: Client) -> None:
    """Have those that were lost go, so that new ones can be put in their places: kwok looks after these only."""
    for lease in client.list_of(_LEASE["apiVersion"], _LEASE["kind"], _LEASES, {}):
        if lease["spec"].get("holderIdentity") == _NOBODY:
            client.delete(lease)
            if live := client.get(
                {"apiVersion": "v1", "kind": "Node", "metadata": {"name": lease["metadata"]["name"]}}
            ):
                client.delete(live)


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

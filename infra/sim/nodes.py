"""Nodes that are not there, of a stack's pools: what their machines would be, by catalogue or file; and their loss."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from components import pools
from infra.catalog.aws.instance import Instance, instances
from infra.catalog.room import PODS
from infra.checks.machines import AnyPool, machines
from infra.errors import FalajError
from infra.plan.cluster.client import Client, Object
from infra.settings import AwsStack, ClusterStack, KubernetesStack
from infra.settings.given import GivenPool
from infra.settings.pool import Pool

AT_ONCE = 16
_DISK = 0.9
"""What is left for pods when the kubelet keeps a tenth free, as it does by itself."""
_LEASE = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}
_LEASES = "kube-node-lease"
_NOBODY = "nobody"
_FOR_EVER = 2**31 - 1  # seconds


def counts(settings: ClusterStack, wanted: Mapping[str, int]) -> dict[str, int]:
    """Nodes by pool: as many as are wanted, else as many as the pool has at first, and one at least."""
    return {name: wanted.get(name, max(pool.desired, 1)) for name, pool in settings.pools.items()}


def nodes(settings: ClusterStack, zones: list[str], many: Mapping[str, int]) -> Iterator[Object]:
    """The Node objects, pool by pool; those of a cloud are spread over the pool's zones."""
    if isinstance(settings, KubernetesStack):
        for name, pool in settings.pools.items():
            for number in range(many[name]):
                yield _given(f"{name}-{number}", name, pool, settings.cluster.near)
    else:
        yield from _sold(settings, zones, many)


def _sold(settings: AwsStack, zones: list[str], many: Mapping[str, int]) -> Iterator[Object]:
    for name, pool in settings.pools.items():
        machine = instances()[pool.instance_types[0]]
        own = [f"{settings.region}{letter}" for letter in pool.zones] or zones
        for number in range(many[name]):
            yield _made(f"{name}-{number}", name, pool, machine, own[number % len(own)])


def put(client: Client, objects: Iterator[Object]) -> None:
    """Have them all on the server."""
    with ThreadPoolExecutor(AT_ONCE) as at_once:
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


def allocatable(pool: AnyPool) -> dict[str, str]:
    """What pods of a pool's machine can claim."""
    of = machines(pool)[0].allocatable
    # Of a given node what can be claimed is said; of another the kubelet keeps some free.
    disk = pool.disk_gib if isinstance(pool, GivenPool) else int(pool.disk_gib * _DISK)
    found = {
        "cpu": f"{int(of.cpu * 1000)}m",
        "memory": f"{int(of.gib * 1024)}Mi",
        "ephemeral-storage": f"{disk}Gi",
        "pods": str(PODS),
    }
    if of.gpus:
        found[pools.device(pool.mig)] = str(of.gpus)
    if isinstance(pool, Pool) and (efa := instances()[pool.instance_types[0]].efa):
        found["vpc.amazonaws.com/efa"] = str(efa)
    return found


def _made(name: str, pool_name: str, pool: Pool, machine: Instance, zone: str) -> Object:
    mig = f"all-{pool.mig}" if pool.mig else None
    labels = {
        **pools.labels(pool_name, pool.kind, pool.capacity, mig),
        "kubernetes.io/arch": "arm64" if machine.arch == "arm64" else "amd64",
        "node.kubernetes.io/instance-type": machine.type,
        "topology.kubernetes.io/region": zone[:-1],
        pools.ZONE: zone,
    }
    if machine.gpu:
        # What the MIG manager says once it has divided them.
        labels |= {pools.DIVIDED: "success"} if mig else {}
        labels["nvidia.com/gpu.product"] = f"NVIDIA-{machine.gpu.model.replace(' ', '-')}"
    return _node(name, labels, pools.taints(pool.kind), allocatable(pool))


def _given(name: str, pool_name: str, pool: GivenPool, near: str | None) -> Object:
    """All nodes of a pool are near each other."""
    labels = {**pool.selector(pool_name), "kubernetes.io/arch": "amd64", **({near: pool_name} if near else {})}
    labels |= {pools.DIVIDED: "success"} if pool.mig else {}
    labels |= {"node.kubernetes.io/instance-type": pool.machine.type} if pool.machine else {}
    return _node(name, labels, [one.model_dump() for one in pool.taints], allocatable(pool))


def _node(name: str, labels: Mapping[str, str], taints: list[dict[str, str]], claimed: Mapping[str, str]) -> Object:
    every = {**labels, "kubernetes.io/os": "linux", "kubernetes.io/hostname": name}
    metadata: dict[str, Any] = {"name": name, "labels": every, "annotations": {"kwok.x-k8s.io/node": "fake"}}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": metadata,
        "spec": {"taints": taints},
        "status": {"allocatable": dict(claimed), "capacity": dict(claimed)},
    }

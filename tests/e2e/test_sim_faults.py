"""Machines fail under a Ray cluster of a simulated region: what Kubernetes, KubeRay and Kueue make of it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.plan.cluster.client import Client, Object
from tests.e2e.sims import Sims, programmed, standing

PROGRAM = Path(__file__).with_name("faults_program")
STACK, SPACE = "uae-aws", "research"
CLUSTER: Object = {"apiVersion": "ray.io/v1", "kind": "RayCluster", "metadata": {"name": "kept", "namespace": SPACE}}
pytestmark = [pytest.mark.e2e, pytest.mark.cluster, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def sims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sims]:
    with standing(tmp_path_factory, STACK, "--nodes", "l40s=6", "--nodes", "h200=0") as made:
        yield made


@pytest.fixture(scope="module")
def client(sims: Sims, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with programmed(sims, STACK, PROGRAM, SPACE, tmp_path_factory.mktemp("stacks")) as client:
        yield client


def until(holds: Callable[[], Any], seconds: float) -> Any:
    """What it says once it says something."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    return found


def node(client: Client, name: str) -> Object | None:
    return client.get({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})


def ready(found: Object | None) -> str | None:
    """What the condition of a node or a pod says."""
    conditions = (found or {}).get("status", {}).get("conditions", [])
    return next((one["status"] for one in conditions if one["type"] == "Ready"), None)


def places(client: Client) -> dict[str, str]:
    """The cluster's pods and the nodes of those that are placed."""
    pods = client.list_of("v1", "Pod", SPACE, {"labelSelector": "ray.io/cluster=kept"})
    return {pod["metadata"]["name"]: pod["spec"].get("nodeName", "") for pod in pods}


def booked(client: Client) -> dict[tuple[str, str], str]:
    """What Kueue has reserved, by flavor and resource."""
    queue = client.get({"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "ClusterQueue", "metadata": {"name": "steady"}})
    assert queue
    flavors = queue["status"]["flavorsReservation"]
    return {(flavor["name"], one["name"]): one["total"] for flavor in flavors for one in flavor["resources"]}


def test_a_head_and_a_worker_come_back_elsewhere_once_their_machines_are_known_to_be_gone(
    sims: Sims, client: Client
) -> None:
    before, quota = until(lambda: whole(client), 60), booked(client)
    assert quota["l40s", "nvidia.com/gpu"] == "4"
    head, worker = (next(name for name in before if kind in name) for kind in ("-head-", "-worker-"))
    for name in (head, worker):
        sims.run("lose", STACK, before[name])
    until(lambda: all(ready(node(client, before[name])) == "Unknown" for name in (head, worker)), 120)
    assert places(client) == before, "whether its machine is gone or only its network nobody knows yet"

    client.delete(node(client, before[head]) or {})  # as the cloud's controller does when the machine is
    lost = {"key": "node.kubernetes.io/out-of-service", "value": "nodeshutdown", "effect": "NoExecute"}
    live = node(client, before[worker])
    assert live
    taints = {"spec": {"taints": [*live["spec"]["taints"], lost]}}
    client.ask("PATCH", client.address(live), taints, {}, "application/merge-patch+json")  # as whoever knows it does
    after = until(lambda: (found := whole(client)) and {head, worker}.isdisjoint(found) and found, 120)
    (other,) = set(before) - {head, worker}
    assert after[other] == before[other], "what was not lost is left alone"
    pools = {name.split("-")[1]: place.rpartition("-")[0] for name, place in after.items()}
    assert pools == {"head": "cpu", "train": "l40s"}
    assert {before[head], before[worker]}.isdisjoint(after.values())
    assert booked(client) == quota, "the work is the same, and counted once"

    sims.run("up", STACK, "--nodes", "l40s=6", "--nodes", "h200=0")
    until(lambda: all(ready(node(client, before[name])) == "True" for name in (head, worker)), 120)


def whole(client: Client) -> dict[str, str] | None:
    """Where the cluster's pods are, when it is ready with all of them."""
    status = (client.get(CLUSTER) or {}).get("status", {})
    found = places(client)
    is_whole = status.get("state") == "ready" and status.get("readyWorkerReplicas") == 2
    return found if is_whole and len(found) == 3 and all(found.values()) else None


def test_a_node_that_is_not_there_cannot_be_lost(sims: Sims) -> None:
    assert sims.run("lose", STACK, "l40s-99", exit_code=2)["error"]["code"] == "FALAJ-SIM-008"

"""Queues of a simulated region hold what they say: Kueue itself admits the work, and lends and takes back machines."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from infra.plan.cluster.client import Client, Object
from tests.e2e.sims import Sims, programmed, standing

PROGRAM = Path(__file__).with_name("queues_program")
STACK, SPACE = "uae-aws", "research"
pytestmark = [pytest.mark.e2e, pytest.mark.cluster, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def sims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sims]:
    with standing(tmp_path_factory, STACK, "--nodes", "l40s=1", "--nodes", "h200=0") as made:
        yield made


@pytest.fixture(scope="module")
def client(sims: Sims, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """With the queues, and a job of four GPUs in the one that lends itself nothing."""
    with programmed(sims, STACK, PROGRAM, SPACE, tmp_path_factory.mktemp("stacks")) as client:
        yield client
    assert client.get({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kueue-system"}}) is None


def named(name: str) -> Object:
    return {"apiVersion": "ray.io/v1", "kind": "RayJob", "metadata": {"name": name, "namespace": SPACE}}


def like_first(client: Client, name: str, queue: str, workers: int, entrypoint: str) -> Object:
    """A job as the component makes one, with so many workers of two GPUs each."""
    first = client.get(named("first"))
    assert first
    spec: dict[str, Any] = unadmitted(first["spec"])
    (group,) = spec["rayClusterSpec"]["workerGroupSpecs"]
    group |= {"replicas": workers, "minReplicas": workers, "maxReplicas": workers}
    made = named(name)
    made["metadata"]["labels"] = {**first["metadata"]["labels"], "kueue.x-k8s.io/queue-name": queue}
    return made | {"spec": {**spec, "entrypoint": entrypoint}}


def unadmitted(value: Any) -> Any:
    """Without what Kueue wrote into it."""
    match value:
        case dict():
            items = cast("dict[str, Any]", value).items()
            return {key: unadmitted(it) for key, it in items if key != "suspend" and "kueue.x-k8s.io/" not in key}
        case list():
            return [unadmitted(it) for it in cast("list[Any]", value)]
        case _:
            return value


def until(client: Client, name: str, holds: Callable[[Object], bool], seconds: float = 60) -> Object:
    deadline = time.monotonic() + seconds
    while not ((live := client.get(named(name))) and holds(live)):
        assert time.monotonic() < deadline, f"{name}: {live and live.get('status')}; {said(client, name)}"
        time.sleep(0.2)
    return live


def runs(live: Object) -> bool:
    return not live["spec"].get("suspend") and live.get("status", {}).get("jobDeploymentStatus") == "Running"


def ended(live: Object) -> bool:
    return live.get("status", {}).get("jobStatus") == "SUCCEEDED"


def waits(live: Object) -> bool:
    return live["spec"].get("suspend") and live.get("status", {}).get("jobDeploymentStatus") == "Suspended"


def said(client: Client, name: str) -> str:
    """All that Kueue said of the job's work: its conditions keep the last of several tries."""
    return "; ".join(
        event["message"]
        for event in client.list_of("v1", "Event", SPACE, {"fieldSelector": "involvedObject.kind=Workload"})
        if event["involvedObject"]["name"].startswith(f"rayjob-{name}-")
    )


def test_work_waits_until_there_is_room_in_its_queue(client: Client) -> None:
    until(client, "first", runs)
    client.apply(like_first(client, "second", "steady", 2, "sleep 1"))
    until(client, "second", waits)
    assert "insufficient unused quota for nvidia.com/gpu in flavor l40s" in said(client, "second")
    assert client.list_of("v1", "Pod", SPACE, {"labelSelector": "ray.io/cluster=second"}) == []
    assert not ended(client.get(named("first")) or {}), "it held the queue's machine all the while"
    until(client, "second", ended)
    assert ended(client.get(named("first")) or {})


def test_work_that_is_more_than_its_queue_is_never_admitted(client: Client) -> None:
    client.apply(like_first(client, "more", "steady", 3, "sleep 1"))
    until(client, "more", waits)
    assert "maximum capacity" in said(client, "more")
    client.delete(client.get(named("more")) or {})


def test_what_was_lent_is_taken_back(client: Client) -> None:
    client.apply(like_first(client, "borrower", "greedy", 4, "sleep 60"))
    until(client, "borrower", lambda live: not live["spec"].get("suspend"))
    client.apply(like_first(client, "owner", "steady", 2, "sleep 1"))
    until(client, "borrower", waits)
    assert "reclamation within the cohort" in said(client, "borrower")
    until(client, "owner", ended)
    client.delete(client.get(named("borrower")) or {})

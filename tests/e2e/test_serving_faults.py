"""What befalls an endpoint under the load of 16 clients, counted by them and held against the request log.

`python -m pytest tests/e2e/test_serving_faults.py -s` prints the figures of docs/serving.md.
"""

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Generator
from itertools import pairwise
from typing import Any

import pytest

from tests.workloads.lib.serve.conftest import NAME, Models, register
from tests.workloads.lib.serve.live import Load, processes, serving
from workloads.lib.serve import log
from workloads.lib.serve.plan import Arm, Plan
from workloads.lib.serve.rollout import ROUTER, apply
from workloads.lib.serve.scale import Scale

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(600)]
CLIENTS = 16
TWO = Scale(min=2, max=2)
TWO_ROUTERS = ROUTER.model_copy(update={"min": 2, "max": 2})


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Models, Any, int]]:
    models = register(tmp_path_factory.mktemp("faults"))
    with serving() as (serve, port):
        yield models, serve, port


def plan(*digests: str, weights: tuple[float, ...] = (1, 1), stage: int = 100) -> Plan:
    arms = [Arm(name=name, model=d, weight=w) for name, d, w in zip(("old", "new"), digests, weights, strict=False)]
    return Plan(experiment="x", arms=tuple(arms), stage=stage)


def kill(title: str) -> None:
    """SIGKILL of the first process of that title."""
    os.kill(processes(title)[0].pid, signal.SIGKILL)


def recorded(models: Models, load: Load, event: str) -> None:
    """Every answer is in the log exactly once, as it was given; prints what there was."""
    wanted = {one["request"]: one for one in load.answers}
    end = time.monotonic() + 60  # a replica that takes a killed one's journal over has to start first
    while missing := wanted.keys() - (records := answered(models)).keys():
        assert time.monotonic() < end, f"{len(missing)} of {len(wanted)} are not in the log"
        time.sleep(1)
    assert len(wanted) == len(load.answers)
    for request, answer in wanted.items():
        (record,) = records[request]
        said = (record["model"], record["arm"], record["prediction"])
        assert said == (answer["model"], answer["arm"], answer["probability"])
        assert record["latency_ms"] > 0
        assert record["features"]
    told = f"{len(wanted)} answered and recorded, {len(load.failed)} failed, {load.refused} connections refused"
    sys.stdout.write(
        f"\n{event}: {told}; the slowest answer took {max(load.taken):.1f} s {dict(Counter(map(kind, load.failed)))}\n"
    )


def kind(failed: str) -> str:
    """Status or exception of a failed request: `500`, `RemoteDisconnected`."""
    return failed.removeprefix("0 ").partition(" ")[0].partition("(")[0]


def answered(models: Models) -> dict[str, list[Any]]:
    """The log's records with a prediction, by request."""
    found: dict[str, list[Any]] = {}
    for record in log.read(models.registry.store, NAME):
        if record["prediction"] is not None:
            found.setdefault(record["request"], []).append(record)
    return found


def test_a_model_swap_fails_no_request(there: tuple[Models, Any, int]) -> None:
    models, serve, port = there
    apply(serve, models.platform_file, NAME, plan(models.champion))
    with Load(port, CLIENTS) as load:
        for digest, other in pairwise((models.champion, models.challenger, models.champion)):
            load.until(200)
            assert set(load.models) == {digest}
            apply(serve, models.platform_file, NAME, plan(other))
            load.until(CLIENTS)  # what was on its way
            load.models.clear()
        load.until(200)
        assert set(load.models) == {models.champion}
    assert load.failed == []
    recorded(models, load, "two swaps of the model")


def test_a_change_of_weights_fails_no_request(there: tuple[Models, Any, int]) -> None:
    models, serve, port = there
    both = (models.champion, models.challenger)
    apply(serve, models.platform_file, NAME, plan(*both))
    with Load(port, CLIENTS) as load:
        for weights, stage in (((1, 0), 100), ((1, 9), 100), ((0, 1), 50), ((0, 1), 0), ((1, 1), 100)):
            load.until(200)
            apply(serve, models.platform_file, NAME, plan(*both, weights=weights, stage=stage))
        load.until(200)
    assert load.failed == []
    recorded(models, load, "five changes of weights and stage")


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_killed_model_replica_fails_no_request(there: tuple[Models, Any, int], replicas: int) -> None:
    models, serve, port = there
    apply(serve, models.platform_file, NAME, plan(models.champion), Scale(min=replicas, max=replicas))
    with Load(port, CLIENTS) as load:
        load.until(200)
        kill("ServeReplica:late.")
        load.until(400)
    assert load.failed == []
    recorded(models, load, f"a killed replica of {replicas} of the model")


def test_a_killed_router_fails_what_it_was_at_and_its_records_are_kept(there: tuple[Models, Any, int]) -> None:
    models, serve, port = there
    apply(serve, models.platform_file, NAME, plan(models.champion), TWO, TWO_ROUTERS)
    with Load(port, CLIENTS) as load:
        load.until(200)
        kill("ServeReplica:late:Router")
        load.until(400)
    assert len(load.failed) <= CLIENTS
    recorded(models, load, "a killed router of two")


def test_a_killed_controller_fails_no_request(there: tuple[Models, Any, int]) -> None:
    models, serve, port = there
    apply(serve, models.platform_file, NAME, plan(models.champion), TWO)
    with Load(port, CLIENTS) as load:
        load.until(200)
        kill("ServeController")
        load.until(400)
        apply(serve, models.platform_file, NAME, plan(models.challenger), TWO)
        load.until(CLIENTS)
        load.models.clear()
        load.until(100)
        assert set(load.models) == {models.challenger}, "the new controller rolls plans out"
    assert load.failed == []
    recorded(models, load, "a killed controller")


def test_a_killed_proxy_fails_what_was_on_its_way_and_comes_back(there: tuple[Models, Any, int]) -> None:
    models, serve, port = there
    apply(serve, models.platform_file, NAME, plan(models.champion), TWO)
    with Load(port, CLIENTS) as load:
        load.until(200)
        kill("ProxyActor")
        load.until(400)
    recorded(models, load, "the killed proxy")
    assert len(load.failed) <= 2 * CLIENTS, "a client may come once more before the kernel has closed the port"
    assert set(map(kind, load.failed)) <= {"RemoteDisconnected", "ConnectionResetError", "BrokenPipeError"}

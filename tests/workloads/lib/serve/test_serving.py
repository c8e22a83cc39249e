"""Router and variants on a real Ray Serve: two registered models, the plan changed under load, replicas killed."""

import os
import signal
import time
from collections.abc import Generator
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.workloads.lib.serve.conftest import NAME, ROW, Models, register
from tests.workloads.lib.serve.live import Load, post, processes, serving
from workloads.lib.serve import log
from workloads.lib.serve.assign import assign, key
from workloads.lib.serve.plan import Arm, Plan
from workloads.lib.serve.rollout import app, apply, served_models
from workloads.lib.serve.scale import Scale

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Models, Any, int]]:
    models = register(tmp_path_factory.mktemp("live"))
    with serving() as (serve, port):
        yield models, serve, port


def plan(models: Models, *weights: float, **changes: Any) -> Plan:
    arms = (
        Arm(name="old", model=models.champion, weight=weights[0]),
        Arm(name="new", model=models.challenger, weight=weights[1]),
    )
    return Plan.model_validate({"experiment": "x", "arms": arms, **changes})


def test_two_models_are_served_by_subject_as_can_be_redone_offline(there: tuple[Models, Any, int]) -> None:
    models, serve, port = there
    wanted = plan(models, 1, 1)
    apply(serve, models.platform_file, NAME, wanted)
    connection, secret = HTTPConnection("127.0.0.1", port, timeout=60), key(models.registry.store)
    typed = models.scorer(models.champion), models.scorer(models.challenger)
    row = {**ROW, "sched": datetime.fromisoformat(str(ROW["sched"]))}
    said = {scorer.model: scorer.score([row])[0] for scorer in typed}
    for number in range(40):
        status, answer = post(connection, falaj_subject=f"s{number}")
        assert status == 200, answer
        assert answer["arm"] == assign(secret, wanted, f"s{number}").arm
        assert answer["probability"] == pytest.approx(said[answer["model"]], abs=1e-7)
    connection.request("GET", f"/{NAME}")
    assert b'"model":"' + models.champion.encode() in connection.getresponse().read().replace(b" ", b"")
    connection.request("GET", f"/{NAME}/openapi.json")
    assert b'"maximum":12' in connection.getresponse().read().replace(b" ", b"")
    status, answer = post(connection, ROW | {"month": 13})
    assert status == 422
    assert answer["detail"].startswith(f"FALAJ-WRK-017 POST /{NAME}/predict: month: Input should be less than or equal")
    assert post(connection, falaj_arm="new")[0] == 403
    time.sleep(2)
    records = list(log.read(models.registry.store, NAME))
    assert len(records) == 40
    assert {record["model"] for record in records} == set(said)


def test_servers_listen_on_loopback_only(there: tuple[Models, Any, int]) -> None:
    mine = [psutil.Process(), *psutil.Process().children(recursive=True)]
    served = [p for p in mine if " ".join(p.cmdline()).startswith(("ray::Serve", "ray::Proxy"))]
    places = {
        (p.cmdline()[0], c.laddr.ip)
        for p in served
        for c in p.net_connections("inet")
        if c.status == psutil.CONN_LISTEN
    }
    assert served
    assert {ip for _, ip in places} <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}, places


def test_a_weight_change_and_a_model_swap_under_load_fail_no_request(there: tuple[Models, Any, int]) -> None:
    models, serve, port = there
    apply(serve, models.platform_file, NAME, plan(models, 1, 1))
    before = {p.pid for p in processes("ServeReplica:late:Router")}
    assert before
    with Load(port) as load:
        load.until(100)
        apply(serve, models.platform_file, NAME, plan(models, 9, 1, stage=50))
        assert {p.pid for p in processes("ServeReplica:late:Router")} == before, "a plan restarts nobody"
        load.until(100)
        old_alone = plan(models, 1, 1).model_copy(update={"arms": (Arm(name="old", model=models.champion),)})
        apply(serve, models.platform_file, NAME, old_alone)
        load.models.clear()
        load.until(100)
        assert set(load.models) == {models.champion}
        swapped = old_alone.model_copy(update={"arms": (Arm(name="old", model=models.challenger),)})
        apply(serve, models.platform_file, NAME, swapped)
        load.models.clear()
        load.until(100)
        assert set(load.models) == {models.challenger}
    assert load.failed == []
    assert served_models(serve, NAME) == {app(NAME, models.challenger)}


def test_a_rollback_is_in_force_before_the_call_returns(there: tuple[Models, Any, int]) -> None:
    models, serve, port = there
    apply(serve, models.platform_file, NAME, plan(models, 0, 1))
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    assert post(connection, falaj_subject="s")[1]["model"] == models.challenger
    apply(serve, models.platform_file, NAME, plan(models, 0, 1).rolled_back())
    assert {post(connection, falaj_subject=f"s{n}")[1]["model"] for n in range(20)} == {models.champion}


@pytest.mark.long
def test_a_killed_replica_under_load_costs_nothing_with_another_beside_it(there: tuple[Models, Any, int]) -> None:
    models, serve, port = there
    two = Scale(min=2, max=2)
    apply(serve, models.platform_file, NAME, plan(models, 1, 1), two)
    with Load(port) as load:
        load.until(100)
        os.kill(processes("ServeReplica:late.")[0].pid, signal.SIGKILL)
        load.until(300)
    assert load.failed == []


@pytest.mark.long
def test_a_killed_router_under_load_fails_what_was_on_its_way_and_no_more(there: tuple[Models, Any, int]) -> None:
    models, serve, port = there
    apply(serve, models.platform_file, NAME, plan(models, 1, 1), router=Scale(min=2, max=2, ongoing=512, queued=2048))
    with Load(port) as load:
        load.until(100)
        os.kill(processes("ServeReplica:late:Router")[0].pid, signal.SIGKILL)
        load.until(300)
        lost = len(load.failed)
        load.until(300)
    assert lost <= load.threads
    assert len(load.failed) == lost


@pytest.mark.long
def test_a_full_queue_is_503_with_retry_after(there: tuple[Models, Any, int], tmp_path: Path) -> None:
    models, serve, port = there
    narrow = Scale(ongoing=1, queued=1)
    apply(serve, models.platform_file, NAME, plan(models, 1, 1), narrow)
    with Load(port, threads=24) as load:
        load.until(100)
    assert {found[:3] for found in load.failed} <= {"503"}
    assert any("SRV-006" in found for found in load.failed)

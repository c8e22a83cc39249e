"""The journal against a real MLflow server: one run across restarts; while the server is down nothing is lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.tracking_server import TrackingServer
from workloads.lib import http
from workloads.lib.object_store import ObjectStore
from workloads.lib.track import Tracker
from workloads.lib.train.journal import Journal, flat
from workloads.lib.workspace import Workspace


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    """Not started yet."""
    server = TrackingServer(tmp_path_factory.mktemp("mlflow"))
    yield server
    server.stop()


def row(epoch: int) -> dict[str, float]:
    return {"epoch": epoch, "at": 1_700_000_000_000 + epoch, "loss": 1 / epoch, "validation_loss": 2 / epoch}


def runs_of(tracker: Tracker, key: str) -> list[dict[str, Any]]:
    return tracker._runs(key)


def curve(tracker: Tracker, run: str, name: str) -> list[tuple[int, float]]:
    status, answer = http.call(f"{tracker.url}/api/2.0/mlflow/metrics/get-history?run_id={run}&metric_key={name}")
    assert status == 200
    return [(point["step"], point["value"]) for point in answer["metrics"]]


@pytest.mark.long
@pytest.mark.e2e
@pytest.mark.timeout(420)
def test_one_run_across_restarts_and_nothing_lost_while_the_server_is_down(server: TrackingServer, store: ObjectStore):
    tracker = Tracker(server.url, "journal")

    def journal() -> Journal:  # each is another process: what it knows is in the workspace
        return Journal(tracker, Workspace(store, "run"), "sha256:key")

    journal().keep("RUNNING", [row(1)], {"training": {"seed": 7, "workers": {"max": 2}}, "task": "regression"})
    assert not journal().send()
    assert journal().run is None

    server.start()
    assert journal().send()
    run = journal().run
    assert run
    assert curve(tracker, run, "loss") == [(1, 1.0)]

    server.stop()
    journal().keep("FAILED", [row(1), row(2)], tags={"falaj.lost_workers": "0: ActorDiedError"})
    assert not journal().send()
    journal().keep("RUNNING", [row(1), row(2), row(3)])
    journal().keep("RUNNING", [row(1)])  # an old attempt's word comes late
    assert not journal().send()

    server.start()
    before = store.get("run/journal-sent")
    assert journal().send()
    store.put("run/journal-sent", before)  # killed after it sent, before it wrote that down
    journal().keep("FINISHED", tags={"falaj.weights": "sha256:w"})
    assert journal().send()
    assert curve(tracker, run, "loss") == [(1, 1.0), (2, 0.5), (3, 1 / 3)]
    assert curve(tracker, run, "validation_loss") == [(1, 2.0), (2, 1.0), (3, 2 / 3)]
    (found,) = runs_of(tracker, "sha256:key")
    assert found["info"]["run_id"] == run
    assert found["info"]["status"] == "FINISHED"
    params = {pair["key"]: pair["value"] for pair in found["data"]["params"]}
    assert params == {"training.seed": "7", "training.workers.max": "2", "task": "regression"}
    tags = {pair["key"]: pair["value"] for pair in found["data"]["tags"]}
    assert tags["falaj.weights"] == "sha256:w"
    assert tags["falaj.lost_workers"].startswith("0:")

    racing = Journal(tracker, Workspace(store, "race"), "sha256:race")
    racing.keep("RUNNING", [row(1)])
    with ThreadPoolExecutor(4) as senders:
        assert all(senders.map(lambda _: racing.send(), range(4)))
    assert len(runs_of(tracker, "sha256:race")) == 1

    long = Journal(tracker, Workspace(store, "long"), "sha256:long")
    losses = [{"epoch": epoch, "at": epoch, "loss": 1.0} for epoch in range(1, 1002)]
    long.keep("FAILED", losses, {f"p{at}": "x" * 6001 if at == 0 else at for at in range(101)})
    assert long.send()
    assert len(curve(tracker, long.run or "", "loss")) == 1001
    (found,) = runs_of(tracker, "sha256:long")
    assert found["info"]["status"] == "FAILED"
    assert len(found["data"]["params"]) == 101


def test_nested_parameters_are_flattened():
    assert flat({"a": {"b": {"c": 1}, "d": [1, 2]}, "e": None}) == {"a.b.c": 1, "a.d": [1, 2], "e": None}


def test_what_is_kept_is_sealed(store: ObjectStore):
    Journal(Tracker("http://127.0.0.1:9", "x"), Workspace(store, "run"), "key").keep("RUNNING", [row(1)])
    assert not any(b"validation" in file.read_bytes() for file in Path(store.path).rglob("*") if file.is_file())

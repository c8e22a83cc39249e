"""What a run records: valid events, once, whole after a kill, sent on to a collector when there is one."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import jsonschema
import pytest

from infra.errors import FalajError
from workloads.lib.lineage import log
from workloads.lib.lineage.node import Node, Subjects, sealed
from workloads.lib.lineage.query import Graph
from workloads.lib.lineage.recorder import Recorder
from workloads.lib.object_store import ObjectStore, digest
from workloads.lib.progress import Progress
from workloads.lib.workspace import Workspace

RUN = digest(b"run")
SCHEMA = json.loads((Path(log.__file__).parent / "schema.json").read_text())
CONSENT = {"digest": digest(b"c"), "purpose": "training", "at": "2026-01-01T00:00:00Z", "subjects_granted": 7}


@pytest.fixture
def work(store: ObjectStore) -> Workspace:
    return Workspace(store, "runs/w/1")


@pytest.fixture
def recorder(store: ObjectStore) -> Recorder:
    return Recorder(Progress(io.StringIO()), store, "local", "w", RUN)


def train(recorder: Recorder, work: Workspace) -> None:
    with recorder.step("train") as step:
        step.reads(Node("data", "w/table", digest(b"t"), Subjects("parquet", "x", "id"), CONSENT))
        step.makes(*sealed("weights", "w", work, "weights"))
        if work.has("weights"):
            step.skip("trained already")
        else:
            work.put("weights", b"w")


def valid(events: list[dict]) -> bool:
    checker = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    return all(not list(checker.iter_errors(event)) for event in events)


def test_a_step_is_a_start_and_a_complete(store: ObjectStore, recorder: Recorder, work: Workspace):
    train(recorder, work)
    with recorder.step("release", again=True) as step:
        step.reads(Node("model", "w", digest(b"m")))
        step.judged("d-1")
    begun, ended, _, released = events = log.events(store)
    assert valid(events)
    assert [event["eventType"] for event in events] == ["START", "COMPLETE"] * 2
    assert begun["run"]["runId"] == ended["run"]["runId"] != released["run"]["runId"]
    assert begun["run"]["facets"]["parent"]["run"] == released["run"]["facets"]["parent"]["run"]
    assert begun["outputs"] == []
    assert ended["outputs"][0]["facets"]["falaj_node"]["digest"] == digest(b"w")
    consent = ended["inputs"][0]["facets"]["falaj_consent"]
    assert {name: consent[name] for name in CONSENT} == CONSENT
    assert released["run"]["facets"]["falaj_verdict"]["verdict"] == "allow"
    assert ended["run"]["facets"]["falaj_hardware"]["cpus"] == os.cpu_count()


def test_the_schema_refuses_what_is_no_event_of_ours(store: ObjectStore, recorder: Recorder, work: Workspace):
    train(recorder, work)
    good = log.events(store)[1]
    for path in ("eventTime", "run", "job", "producer", "inputs"):
        assert not valid([{name: value for name, value in good.items() if name != path}])
    assert not valid([good | {"eventType": "RUNNING"}])
    assert not valid([good | {"outputs": [{"namespace": "falaj://x", "name": "w", "facets": {}}]}])


def test_what_is_on_record_is_not_recorded_again_nor_imported(
    store: ObjectStore, recorder: Recorder, work: Workspace, tmp_path: Path
):
    train(recorder, work)
    train(recorder, work)
    assert len(log.events(store)) == 2
    code = f"""
import io, sys
from pathlib import Path
from tests.workloads.lib.lineage.test_recorder import Recorder, Progress, Workspace, RUN, train
for name in [name for name in sys.modules if name.startswith("openlineage")]: del sys.modules[name]
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore
path = Path({str(tmp_path)!r})
store = ObjectStore.open(path / "store", KeyRing.open(path / "keys/ring.json", b"correct horse"))
train(Recorder(Progress(io.StringIO()), store, "local", "w", RUN), Workspace(store, "runs/w/1"))
print(any(name.startswith("openlineage") for name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_run_killed_before_its_complete_is_completed_by_the_next(
    store: ObjectStore, recorder: Recorder, work: Workspace
):
    """The step's work was done and sealed, and the process died before it could say so."""

    def killed() -> None:
        with recorder.step("train") as step:
            step.reads(Node("data", "w/table", digest(b"t")))
            work.put("weights", b"w")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert [run.told for run in Graph.of(log.events(store)[:1]).runs.values()] == ["incomplete"]
    train(recorder, work)
    graph = Graph.of(log.events(store))
    (run,) = graph.runs.values()
    assert (run.told, list(run.outputs)) == ("complete", [f"w/weights@{digest(b'w')}"])


def test_a_failure_is_recorded_with_its_error_and_a_denial_with_its_verdict(store: ObjectStore, recorder: Recorder):
    def fails(error: FalajError) -> None:
        with recorder.step("release", again=True) as step:
            step.reads(Node("model", "w", digest(b"m")))
            step.makes(Node("endpoint", "w/predict", digest(b"m")))
            raise error

    for error in (FalajError("WRK-015", "training", "NaN loss"), FalajError("GATE-001", "release", "denied")):
        with pytest.raises(FalajError) as caught:
            fails(error)
        assert caught.value is error
    events = log.events(store)
    failed, denied = events[1], events[3]
    assert valid(events)
    assert failed["run"]["facets"]["errorMessage"]["message"].startswith("FALAJ-WRK-015 training: NaN loss")
    assert "falaj_verdict" not in failed["run"]["facets"]
    assert denied["run"]["facets"]["falaj_verdict"]["verdict"] == "deny"
    assert denied["outputs"] == []


def test_a_changed_event_is_refused(store: ObjectStore, recorder: Recorder, work: Workspace):
    train(recorder, work)
    store.put("lineage/00000001", store.get("lineage/00000002"))
    with pytest.raises(FalajError, match="LIN-001"):
        log.events(store)


class Collector(HTTPServer):
    """Takes events, but refuses after so many."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[dict] = []
        self.most = 10**6
        self.url = f"http://127.0.0.1:{self.server_address[1]}/api/v1/lineage"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        collector = self.server
        assert isinstance(collector, Collector)
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        well = len(collector.got) < collector.most
        if well:
            collector.got.append(event)
        self.send_response(201 if well else 503)
        self.end_headers()

    def log_message(self, format: str, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_events_reach_a_collector_in_order_even_if_it_was_down(
    store: ObjectStore, recorder: Recorder, work: Workspace, collector: Collector
):
    recorder.collector = collector.url
    train(recorder, work)
    with recorder.step("release", again=True) as step:
        step.reads(Node("model", "w", digest(b"m")))
    collector.most = 3
    with pytest.raises(FalajError, match="LIN-002"):
        recorder.deliver()
    collector.most = 10**6
    assert recorder.deliver() == 1
    assert recorder.deliver() == 0
    assert collector.got == log.events(store)
    with pytest.raises(FalajError, match="LIN-002"):
        log.deliver(store, "http://127.0.0.1:9/lineage")
    collector.got.clear()
    assert log.deliver(store, collector.url + "?other") == len(collector.got) == 4

"""Traffic, against a real HTTP server that answers late, wrongly, or not at all; and the log it is held against."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from infra.errors import FalajError
from workloads.lib.monitor import watch
from workloads.lib.object_store import ObjectStore
from workloads.lib.replay import traffic
from workloads.lib.serve import log

ROWS = [{"n": at} for at in range(40)]
IDS = [f"row {at}" for at in range(40)]


class Endpoint(ThreadingHTTPServer):
    """Refuses each row once, breaks the connection at another one once, and never answers row 7."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: Counter[int] = Counter()
        self.subjects: dict[int, str] = {}
        self.guard = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Endpoint

    def do_POST(self) -> None:
        row = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["n"]
        with self.server.guard:
            self.server.asked[row] += 1
            self.server.subjects[row] = self.headers["falaj-subject"]
            first = self.server.asked[row] == 1
        if row == 3 and first:
            self.close_connection = True
            return
        bad = row == 7 or (row == 5 and first)
        body = b"busy" if bad else json.dumps({"request": f"r{row}"}).encode()
        self.send_response(503 if bad else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_every_row_is_asked_until_it_is_answered_or_given_up(endpoint: Endpoint):
    sent = traffic.send(f"http://127.0.0.1:{endpoint.server_port}/m/predict", ROWS, IDS)
    assert sent.requests == {f"r{at}": f"row {at}" for at in range(40) if at != 7}
    assert sent.failed == 1
    assert endpoint.asked == Counter(range(40)) + Counter({3: 1, 5: 1, 7: traffic.TRIES - 1})
    assert endpoint.subjects[11] == "row 11"
    assert str(sent).startswith("39 answered, 1 failed, ")


def record(request: str, said: float | None) -> log.Record:
    row = {"n": 1.5 if request == "r1" else None}
    return {"request": request, "arm": "champion", "at": "2026-11-26T10:00:00.000", "prediction": said, "row": row}


def test_the_log_must_hold_every_answer(store: ObjectStore, monkeypatch: pytest.MonkeyPatch):
    since = datetime(2026, 11, 26, tzinfo=UTC)
    log.write(store, "m", [record("r1", 0.25), record("r2", None), record("r9", 0.5)])
    sent = traffic.Sent({"r1": "row 1", "r2": "row 2"}, 0, 1.0)
    records = traffic.logged(store, "m", sent, since)
    assert [one["request"] for one in records] == ["r1", "r2"]
    columns, said = watch.logged(records, ["n"])
    assert said.tolist() == [0.25]
    assert columns["n"].to_pylist() == [1.5]
    monkeypatch.setattr(traffic, "SECONDS", 0.1)
    with pytest.raises(FalajError, match="SRV-010 request log m: 1 of 3 answers are not in it"):
        traffic.logged(store, "m", traffic.Sent({**sent.requests, "r3": "row 3"}, 0, 1.0), since)

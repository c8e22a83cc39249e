"""Latency of a real server that takes a known time."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from infra.errors import FalajError
from workloads.lib.release import latency

MODEL = "sha256:" + "1" * 64


class Model(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(0.02)
        data = json.dumps({"model": body["model"]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Model) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/m/predict"
        server.shutdown()


def test_a_known_wait_is_measured_and_another_models_answer_is_a_failure(url: str):
    found = latency.measure(url, [{"model": MODEL}] * 9 + [{"model": "other"}], MODEL, requests=100, concurrency=2)
    assert (found["requests"], found["failed"], found["model"]) == (100, 10, MODEL)
    assert 20 <= found["p50_ms"] <= found["p95_ms"] <= found["p99_ms"]
    assert found["per_second"] <= 100


def test_nobody_there_is_an_error(url: str):
    for where, body in ((url, {"model": "other"}), ("http://127.0.0.1:9/predict", {"model": MODEL})):
        with pytest.raises(FalajError, match="RLS-003"):
            latency.measure(where, [body], MODEL, requests=3, concurrency=1)

"""Ray Serve on this machine for tests and the bench: two models behind a router, and requests of it from threads."""

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

import psutil

from components.local.ray_runtime import PROXY_HEALTH
from tests.workloads.lib.serve.conftest import NAME, ROW
from tests.workloads.ray_here import ray_here


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def serving(cores: int = 2) -> Generator[tuple[Any, int]]:
    """(ray.serve, port), on a Ray of its own that goes with the block."""
    with ray_here(cores, **PROXY_HEALTH):
        from ray import serve

        port = free_port()
        serve.start(proxy_location="HeadOnly", http_options={"host": "127.0.0.1", "port": port})
        yield serve, port
        serve.shutdown()


def processes(title: str) -> list[psutil.Process]:
    """Our own children whose command line has the title: `ServeReplica:late:Router`, `ProxyActor`."""
    found = psutil.Process().children(recursive=True)
    return [one for one in found if title in " ".join(one.cmdline())]


def post(
    connection: HTTPConnection, body: Any = ROW, path: str = f"/{NAME}/predict", **headers: str
) -> tuple[int, Any]:
    """(status, JSON) of a POST on an open connection."""
    named = {"Content-Type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
    connection.request("POST", path, json.dumps(body), named)
    answer = connection.getresponse()
    data = answer.read()
    try:
        return answer.status, json.loads(data)
    except ValueError:
        return answer.status, data.decode(errors="replace")


@dataclass
class Load:
    """Requests of `threads` clients until it is stopped: the answers, by which models, and what failed.

    A refused connection is no failed request, as nothing was sent: the client waits a moment and asks again.
    """

    port: int
    threads: int = 8
    models: Counter[str] = field(default_factory=Counter[str])
    answers: list[Any] = field(default_factory=list[Any])
    failed: list[str] = field(default_factory=list[str])
    refused: int = 0
    taken: list[float] = field(default_factory=list[float])

    def __enter__(self) -> "Load":
        self._stop = threading.Event()
        self._clients = [threading.Thread(target=self._client, args=(n,)) for n in range(self.threads)]
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for client in self._clients:
            client.join()

    def until(self, more: int, seconds: float = 60) -> None:
        """Wait for so many more answers."""
        goal, end = self.models.total() + more, time.monotonic() + seconds
        while self.models.total() < goal:
            assert time.monotonic() < end, f"{self.models.total()} of {goal} answers; failed: {self.failed[-3:]}"
            time.sleep(0.05)

    def _client(self, client: int) -> None:
        connection, number = HTTPConnection("127.0.0.1", self.port, timeout=60), 0
        while not self._stop.is_set():
            number += 1
            began = time.perf_counter()
            try:
                status, answer = post(connection, falaj_subject=f"{client}-{number}")
            except ConnectionRefusedError:
                connection.close()
                self.refused += 1
                time.sleep(0.1)
                continue
            except (OSError, HTTPException) as error:
                status, answer = 0, repr(error)
                connection.close()
            self.taken.append(time.perf_counter() - began)
            if status == 200:
                self.models[answer["model"]] += 1
                self.answers.append(answer)
            else:
                self.failed.append(f"{status} {str(answer)[:160]}")

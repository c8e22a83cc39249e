"""Traffic: rows sent through the endpoint by clients side by side, and what the request log holds of them."""

import http.client
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from infra.errors import FalajError
from workloads.lib.object_store import ObjectStore
from workloads.lib.serve import log
from workloads.lib.serve.dispatcher import SUBJECT
from workloads.lib.serve.log import Record

CLIENTS = 8
TRIES = 3
"""A prediction changes nothing: an answer that did not come is asked for again, as any client of it may."""
SECONDS = 30.0
"""How long the log may take to hold what was answered; a record waits a second at most."""


@dataclass(frozen=True)
class Sent:
    """requests: {request id: the row's own id} of what was answered. failed: rows that got no answer in TRIES."""

    requests: dict[str, str]
    failed: int
    seconds: float

    def __str__(self) -> str:
        rate = len(self.requests) / self.seconds
        return f"{len(self.requests):,} answered, {self.failed} failed, {rate:.0f} a second"


def send(url: str, rows: Sequence[dict[str, Any]], ids: Sequence[str]) -> Sent:
    """POST every row, each its own subject, from CLIENTS connections."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        parts = [clients.submit(_client, url, rows[at::CLIENTS], ids[at::CLIENTS]) for at in range(CLIENTS)]
        answers = [one for part in parts for one in part.result()]
    answered = {request: who for who, request in answers if request}
    return Sent(answered, len(answers) - len(answered), time.perf_counter() - began)


def logged(store: ObjectStore, name: str, sent: Sent, since: datetime) -> list[Record]:
    """The log's records of these requests. SRV-010 when one that was answered is not there in SECONDS."""
    until = time.monotonic() + SECONDS
    while True:
        records = [record for record in log.read(store, name, since) if record["request"] in sent.requests]
        missing = len(sent.requests) - len({record["request"] for record in records})
        if not missing:
            return records
        if time.monotonic() > until:
            raise FalajError(
                "SRV-010", f"request log {name}", f"{missing} of {len(sent.requests)} answers are not in it"
            )
        time.sleep(0.5)


def _client(url: str, rows: Sequence[dict[str, Any]], ids: Sequence[str]) -> list[tuple[str, str]]:
    """[(row's id, request id or empty)] over one connection, which is opened again when it breaks."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
    found: list[tuple[str, str]] = []
    for row, who in zip(rows, ids, strict=True):
        request = ""
        for _ in range(TRIES):
            try:
                headers = {"Content-Type": "application/json", SUBJECT: who}
                connection.request("POST", place.path, json.dumps(row), headers)
                answer = connection.getresponse()
                body = answer.read()
                if answer.status == 200:
                    request = json.loads(body)["request"]
                    break
            except (OSError, http.client.HTTPException, ValueError):
                connection.close()
            time.sleep(0.2)
        found.append((who, request))
    connection.close()
    return found

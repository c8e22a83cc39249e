"""Where lineage events are kept: a sealed hash chain, which is the outbox of a collector too, when there is one."""

import json
from collections.abc import Mapping
from typing import Any

from infra.errors import FalajError
from policies.gate.record import Head
from workloads.lib import http
from workloads.lib.chain import Chain
from workloads.lib.fingerprint import canonical
from workloads.lib.lock import held
from workloads.lib.object_store import ObjectStore

OUTBOX = "outbox/lineage"


def chain(store: ObjectStore) -> Chain:
    """The chain of events; LIN-001 when it is not as written."""
    return Chain(store, "lineage", "LIN-001")


def append(store: ObjectStore, event: Mapping[str, Any]) -> Head:
    """Add an event; it is on the disk when this returns."""
    with chain(store).writing() as add:
        return add(event)


def events(store: ObjectStore, kept: Head | None = None) -> list[dict[str, Any]]:
    """Every event, in the order they were written."""
    return chain(store).read(kept)


def deliver(store: ObjectStore, url: str) -> int:
    """Send the collector what it has not got, in order; how many. LIN-002 when it does not take one.

    At least once: a delivery that was killed sends the last again. Another collector gets everything.
    """
    with held(store, OUTBOX):
        sent: dict[str, Any] = json.loads(store.get(OUTBOX)) if store.exists(OUTBOX) else {}
        first: int = sent.get("events", 0) if sent.get("url") == url else 0
        done = first
        try:
            for event in events(store)[first:] if chain(store).head().records > first else []:
                _post(url, event)
                done += 1
        finally:
            if done > first:
                store.put(OUTBOX, canonical({"url": url, "events": done}))
        return done - first


def _post(url: str, event: Mapping[str, Any]) -> None:
    try:
        status, answer = http.call(url, event)
    except http.NoAnswer as error:
        raise FalajError("LIN-002", url, f"the collector does not answer: {error}") from error
    if not 200 <= status < 300:
        raise FalajError("LIN-002", url, f"the collector answered {status}: {str(answer)[:200]}")

"""Collect entries that nothing refers to, in two steps with days in between: mark, then sweep.

Whatever an alias points at, or pointed at until lately, the heads of open branches, what is served and what is held
is never touched. Publishing an entry again takes its mark away; publishing and pointing share a lock that the sweep
holds alone, so what appears meanwhile is seen.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from workloads.lib.fingerprint import canonical
from workloads.lib.lock import held as holding
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry.entry import LOCK, SIGNATURE, Registry, checked, entry, marked
from workloads.lib.registry.hold import held
from workloads.lib.registry.log import Log, Record, pointed
from workloads.lib.registry.who import Who

RETENTION = timedelta(days=90)
"""For how long what an alias or a branch pointed at is kept after it moved on."""
GRACE = timedelta(days=7)
"""Between marking and deleting."""
WHY = "nothing refers to it"


@dataclass(frozen=True)
class Found:
    """An entry, and what becomes of it."""

    model: str
    kept_by: list[str]
    """What refers to it; nothing when it may go."""
    marked: str | None
    """Since when (UTC) it is marked."""

    def due(self, now: datetime, grace: timedelta) -> bool:
        """Whether it may be deleted now."""
        return bool(not self.kept_by and self.marked and now - datetime.fromisoformat(self.marked) >= grace)


def look(
    store: ObjectStore,
    name: str,
    *,
    served: Iterable[str] = (),
    retention: timedelta = RETENTION,
    now: datetime | None = None,
) -> list[Found]:
    """Every entry of that name with what keeps it. Changes nothing."""
    return _found(store, name, Log(store, name).records(), served, retention, now or datetime.now(UTC))


def mark(
    store: ObjectStore,
    name: str,
    *,
    served: Iterable[str] = (),
    retention: timedelta = RETENTION,
    now: datetime | None = None,
) -> list[str]:
    """Mark what nothing refers to, and take the mark of what something refers to again; the digests newly marked."""
    at = now or datetime.now(UTC)
    new: list[str] = []
    with holding(store, LOCK):
        for one in look(store, name, served=served, retention=retention, now=at):
            if one.kept_by and one.marked:
                store.delete(marked(name, one.model))
            elif not one.kept_by and not one.marked:
                store.put(marked(name, one.model), canonical({"at": at.isoformat(timespec="seconds")}))
                new.append(one.model)
    return new


def sweep(
    store: ObjectStore,
    name: str,
    *,
    served: Iterable[str] = (),
    retention: timedelta = RETENTION,
    grace: timedelta = GRACE,
    who: Who | None = None,
    now: datetime | None = None,
) -> list[str]:
    """Delete what was marked at least `grace` ago and is referred to by nothing now; the digests.

    Each is written into the log before it goes. Its mark goes last, so what a killed sweep left goes with the next one.
    """
    at = now or datetime.now(UTC)
    gone: list[str] = []
    with holding(store, LOCK), Log(store, name).alone() as log:
        for one in _found(store, name, log.past, served, retention, at):
            if one.due(at, grace):
                log.add("collect", one.model, why=f"{WHY}, marked {one.marked}", who=who, now=at)
                _delete(store, name, one.model)
                gone.append(one.model)
    return gone


def references(
    records: Iterable[Record], served: Iterable[str], retention: timedelta, now: datetime
) -> dict[str, list[str]]:
    """What refers to which digest. A time is the latest seen so far in the log: a clock set back shortens nothing."""
    found: dict[str, list[str]] = {}
    records = list(records)
    clock = datetime.min.replace(tzinfo=UTC)
    left: dict[tuple[str, str], datetime] = {}
    for record in records:
        clock = max(clock, datetime.fromisoformat(record.at))
        if record.pointer and record.was:
            left[record.pointer, record.was] = clock
    for pointer, model in pointed(records).items():
        found.setdefault(model, []).append(pointer)
    for (pointer, model), until in left.items():
        if now - until < retention:
            found.setdefault(model, []).append(f"{pointer} until {until.isoformat(timespec='seconds')}")
    for model in served:
        found.setdefault(model, []).append("served")
    for model, reasons in held(records).items():
        found.setdefault(model, []).extend(f"held: {reason}" for reason in reasons)
    return found


def _found(
    store: ObjectStore, name: str, records: list[Record], served: Iterable[str], retention: timedelta, now: datetime
) -> list[Found]:
    checked(name)
    kept = references(records, served, retention, now)
    marks = {mark.rsplit("/", 1)[-1]: json.loads(store.get(mark))["at"] for mark in store.names(f"collect/{name}/")}
    models = {*Registry(store).entries(name), *marks}  # a killed sweep leaves a mark without an entry
    return [Found(model, kept.get(model, []), marks.get(model)) for model in sorted(models)]


def _delete(store: ObjectStore, name: str, model: str) -> None:
    """The signature first: without it the rest is no entry any more."""
    for found in sorted(store.names(entry(name, model, "")), key=lambda file: not file.endswith(SIGNATURE)):
        store.delete(found)
    store.delete(marked(name, model))

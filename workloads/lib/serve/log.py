"""The request log: every answer with its model, features, arm and latency, in sealed segments, off the request's path.

A record is in the replica's journal before its answer leaves, and waits for at most a second until a thread seals it
with the others of that second. Neither a graceful stop nor a kill loses one: the next replica takes the journal over.
A store that refuses to write fills the memory, and then requests are refused rather than answered without a record.
"""

import gzip
import json
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.errors import FalajError
from workloads.lib.lock import held
from workloads.lib.object_store import ObjectStore
from workloads.lib.serve.journal import Journal, orphans
from workloads.lib.workspace import suppress_missing

SECONDS = 1.0
"""How long a record waits at most: what a power cut may lose."""
ROWS = 5_000
"""Records that are sealed at once without waiting."""
LIMIT = 50_000
"""Records that may wait; past it the log says it is full."""
WHOLE = 50_000
"""Records of a segment that is not merged any more."""
Record = dict[str, Any]


@dataclass
class RequestLog:
    """The writer of one replica, to `requests/<name>/<since>-<random>`."""

    store: ObjectStore
    name: str
    seconds: float = SECONDS
    rows: int = ROWS
    limit: int = LIMIT
    refused: FalajError | None = field(default=None, init=False)
    """Why the store did not take the last segment."""
    written: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._waiting: list[bytes] = []
        self._journals = [Journal(self.store, self.name)]
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=f"log {self.name}", daemon=True)
        self._thread.start()

    @property
    def full(self) -> bool:
        """Whether the next record would be one too many; then a request is to be refused."""
        return len(self._waiting) >= self.limit

    def append(self, record: Record) -> None:
        """Take the record; never waits for a disk. SRV-005 when the log is full or closed."""
        line = _line(record)
        with self._changed:
            if self.full or self._closed:
                problem = "it is closed" if self._closed else f"{self.limit} records wait for the store"
                raise FalajError("SRV-005", f"request log {self.name}", f"{problem}: {self.refused or 'no error'}")
            self._waiting.append(line)
            with suppress(OSError):  # it is in memory, and whether the disk takes the segment is told by `refused`
                self._journals[-1].append(line)
            if len(self._waiting) == self.rows:
                self._changed.notify()

    def close(self, seconds: float = 15) -> None:
        """Seal what waits, trying for so long; SRV-005 when the store does not take it."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(seconds)
        if self._waiting:
            problem = f"{len(self._waiting)} records were not written: {self.refused or 'no time'}"
            raise FalajError("SRV-005", f"request log {self.name}", problem)

    def _work(self) -> None:
        try:
            recover(self.store, self.name)
        except Exception as error:  # noqa: BLE001 - the journal stays, and the next replica tries again
            print(error, file=sys.stderr)  # noqa: T201 - the replica's log
        while True:
            with self._changed:
                if not self._closed and (self.refused or len(self._waiting) < self.rows):
                    self._changed.wait(self.seconds)
                batch = list(self._waiting)  # they stay there until they are sealed
                if batch:
                    self._journals.append(Journal(self.store, self.name))
            if batch and self._seal(batch):
                with self._changed:
                    del self._waiting[: len(batch)]
                    done, self._journals = self._journals[:-1], self._journals[-1:]
                for journal in done:
                    journal.drop()
            if self._closed and not self._waiting:
                return
            if self.refused:
                time.sleep(self.seconds)

    def _seal(self, batch: list[bytes]) -> bool:
        try:
            _write(self.store, self.name, batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, the records must survive it and be tried again
            told = f"{type(error).__name__}: {error}"
            self.refused = error if isinstance(error, FalajError) else FalajError("SRV-005", self.name, told)
            print(self.refused, file=sys.stderr)  # noqa: T201 - the replica's log
            return False
        self.refused, self.written = None, self.written + len(batch)
        return True


def write(store: ObjectStore, name: str, records: list[Record]) -> str:
    """Seal the records as one segment, whose name starts with the first one's instant; returns the name."""
    return _write(store, name, [_line(record) for record in records])


def recover(store: ObjectStore, name: str) -> int:
    """Seal what killed replicas left in their journals; how many records.

    Killed in between it leaves records twice, never too few; `read` gives each once.
    """
    found = 0
    for lines in orphans(store, name):
        _write(store, name, lines)
        found += len(lines)
    return found


def read(store: ObjectStore, name: str, since: datetime | None = None) -> Iterator[Record]:
    """Every record, oldest segment first, each once: a request's arm and its shadows are records of their own.

    since: leave out records before this instant.
    """
    seen: set[tuple[str, str]] = set()
    first = since.astimezone(UTC).isoformat(timespec="milliseconds") if since else ""
    for segment in store.names(f"requests/{name}/"):
        with suppress_missing():  # it was merged into another meanwhile
            for record in _records(store, segment):
                if (one := (record["request"], record["arm"])) not in seen and record["at"] >= first:
                    seen.add(one)
                    yield record


def rotate(store: ObjectStore, name: str, whole: int = WHOLE) -> int:
    """Merge small segments into such of about `whole` records; returns how many segments went.

    Killed in between it leaves records twice, never too few; `read` gives each once.
    """
    gone = 0
    with held(store, f"requests/{name}"):
        group: list[str] = []
        small = [found for found in store.names(f"requests/{name}/") if _size(found) < whole]
        for at, segment in enumerate(small):
            group.append(segment)
            if len(group) > 1 and (sum(map(_size, group)) >= whole or at == len(small) - 1):
                write(store, name, [record for found in group for record in _records(store, found)])
                gone += len(group)
                for found in group:
                    store.delete(found)
            if sum(map(_size, group)) >= whole:
                group = []
    return gone


def expire(store: ObjectStore, name: str, before: datetime) -> int:
    """Delete the segments that ended before the instant; returns how many."""
    limit = before.astimezone(UTC).isoformat(timespec="milliseconds")
    old = [s for s in store.names(f"requests/{name}/") if max(r["at"] for r in _records(store, s)) < limit]
    for segment in old:
        with suppress(FalajError):
            store.delete(segment)
    return len(old)


def instant(now: float) -> str:
    """Seconds since 1970 as RFC 3339 in UTC, to the millisecond."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")


def _line(record: Record) -> bytes:
    return json.dumps(record, separators=(",", ":"), allow_nan=False).encode()


def _write(store: ObjectStore, name: str, lines: list[bytes]) -> str:
    since = json.loads(lines[0])["at"].replace("-", "").replace(":", "")[:15]
    segment = f"requests/{name}/{since}-{len(lines)}-{secrets.token_hex(6)}"
    store.put(segment, gzip.compress(b"\n".join(lines), compresslevel=1))
    return segment


def _records(store: ObjectStore, segment: str) -> list[Record]:
    return [json.loads(line) for line in gzip.decompress(store.get(segment)).splitlines()]


def _size(segment: str) -> int:
    return int(segment.rsplit("-", 2)[1])

"""The decision log: one JSON object per line, each sealed to the one before by its hash.

    {"seq": 7, "prev": "sha256:…", "record": {…}, "hash": "sha256:…"}     hash = SHA-256 of the other three fields

A change, a removal or a swap inside the chain shows in `verify`. Cutting whole records off the end shows against the
head: the number and hash of the newest record, kept in a file beside the log, and better where the log's owner cannot
write (`falaj gate verify-log --head`).
"""

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from policies.gate.document import digest

GENESIS = "sha256:" + "0" * 64
_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Head:
    """The end of a chain: number of records and the last one's hash."""

    records: int
    hash: str

    def __str__(self) -> str:
        return f"{self.records}:{self.hash}"

    @classmethod
    def of_text(cls, text: str) -> "Head":
        """`7:sha256:…`, as it is printed. Raises ValueError."""
        if not (found := re.fullmatch(r"([0-9]+):(sha256:[0-9a-f]{64})", text.strip())):
            raise ValueError(text)
        return cls(int(found[1]), found[2])


def append(log: Path, record: Mapping[str, Any], *, durable: bool = True) -> Head:
    """Add one record under an exclusive lock; `durable` also waits for the disk.

    A line a killed writer left half-written is cut off first, and the new record says so in `repaired`; earlier records
    stay. Raises GATE-014 when the log cannot be written (it is then as it was before), GATE-015 when its last record is
    not what was written.
    """
    try:
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(log, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise FalajError("GATE-014", str(log), f"the decision log cannot be opened: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        return _append_locked(log, handle, record, durable)
    except OSError as error:
        raise FalajError("GATE-014", str(log), f"the decision cannot be written: {error.strerror}") from error
    finally:
        os.close(handle)


def _append_locked(log: Path, handle: int, record: Mapping[str, Any], durable: bool) -> Head:
    last, end, torn = _tail(handle)
    head = _checked(log, last) if last else Head(0, GENESIS)
    _against(log, kept_head(log), {head.records: head.hash})
    entry: dict[str, Any] = {"seq": head.records + 1, "prev": head.hash, "record": dict(record)}
    if torn:
        entry["record"]["repaired"] = {"bytes": len(torn), "digest": f"sha256:{hashlib.sha256(torn).hexdigest()}"}
        os.ftruncate(handle, end)
    entry["hash"] = digest(entry)
    line = _line(entry)
    try:
        written = os.write(handle, line)
        while written < len(line):
            written += os.write(handle, line[written:])
        if durable:
            os.fdatasync(handle)
    except OSError:
        os.ftruncate(handle, end)
        raise
    made = Head(entry["seq"], entry["hash"])
    if durable:  # or a power cut could leave a head that is ahead of its log
        _head_file(log).write_text(str(made))
    return made


def kept_head(log: Path) -> Head | None:
    """The head in the file beside the log; None when there is none, or a killed writer left half of it."""
    try:
        return Head.of_text(_head_file(log).read_text())
    except (OSError, ValueError):
        return None


def verify(log: Path, head_kept: Head | None = None) -> Head:
    """Check every record, and against the head that was kept; a torn last line is none.

    Raises GATE-015 with the first line that does not fit, or when the log ends before its head.
    """
    head = Head(0, GENESIS)
    kept = [item for item in (head_kept, kept_head(log)) if item]
    hashes = {0: GENESIS}
    try:
        with log.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.endswith(b"\n"):
                    break
                sequel = _checked(log, line)
                if (json.loads(line)["prev"], sequel.records) != (head.hash, number):
                    raise FalajError("GATE-015", f"{log}:{number}", f"the record does not follow record {number - 1}")
                head = sequel
                if any(item.records == number for item in kept):
                    hashes[number] = sequel.hash
    except FileNotFoundError:
        pass
    except OSError as error:
        raise FalajError("GATE-015", str(log), f"the decision log cannot be read: {error.strerror}") from error
    for item in kept:
        _against(log, item, {**hashes, head.records: head.hash})
    return head


def _against(log: Path, kept: Head | None, hashes: Mapping[int, str]) -> None:
    """The log must reach the head that was kept, with the same hash there."""
    if kept is None or ((newest := max(hashes)) > kept.records and kept.records not in hashes):
        return
    if newest < kept.records:
        raise FalajError("GATE-015", str(log), f"it ends at record {newest}, its head is record {kept.records}")
    if hashes[kept.records] != kept.hash:
        problem = f"record {kept.records} is {hashes[kept.records]}, its head says {kept.hash}"
        raise FalajError("GATE-015", str(log), problem)


def _head_file(log: Path) -> Path:
    return log.with_suffix(".head")


def last(log: Path) -> dict[str, Any]:
    """The last whole record, {} when there is none. Raises GATE-015 when it is not what was written."""
    try:
        handle = os.open(log, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise FalajError("GATE-014", str(log), f"the decision log cannot be read: {error.strerror}") from error
    try:
        line = _tail(handle)[0]
    except OSError as error:
        raise FalajError("GATE-014", str(log), f"the decision log cannot be read: {error.strerror}") from error
    finally:
        os.close(handle)
    if not line:
        return {}
    _checked(log, line)
    return json.loads(line)["record"]


def _checked(log: Path, line: bytes) -> Head:
    try:
        entry: dict[str, Any] = json.loads(line)
        whole = _line(entry)
        stated, number = entry.pop("hash"), entry["seq"]
        shaped = set(entry) == {"seq", "prev", "record"} and type(number) is int
        if shaped and whole == line and digest(entry) == stated:
            return Head(number, stated)
        problem = f"record {number} states {stated}, its content gives {digest(entry)}"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        problem = f"a line of {len(line)} bytes is no record"
    raise FalajError("GATE-015", str(log), problem)


def _line(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _tail(handle: int) -> tuple[bytes, int, bytes]:
    """(last whole line, where it ends, what follows it), read backwards in blocks."""
    start = end = os.fstat(handle).st_size
    tail = b""
    while start and tail.count(b"\n") < 2:
        start, size = max(0, start - _BLOCK), min(_BLOCK, start)
        tail = os.pread(handle, size, start) + tail
    whole, newline, torn = tail.rpartition(b"\n")
    line = whole.rpartition(b"\n")[2]
    return (line + newline if newline else b""), end - len(torn), torn

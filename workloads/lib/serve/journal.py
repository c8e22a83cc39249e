"""A request log's journal: a record is on disk, sealed, before its answer leaves, so that a killed process loses none.

A file is for one batch, under a data key of its own: the wrapped key, then for each record its sealed length and
AES-256-GCM over it, whose nonce counts the records. It goes to the kernel and is not synced, so a machine that loses
its power loses what was not a segment yet. The writer holds a lock on its file; one whose lock is free has lost its
writer, and who starts next takes its records over.
"""

import fcntl
import os
import secrets
import sys
from collections.abc import Generator
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.errors import FalajError
from workloads.lib.key_ring import KEY_BYTES, NONCE_BYTES, WRAPPED_BYTES, Unwrappable
from workloads.lib.object_store import ObjectStore

LENGTH_BYTES = 4
ID_BYTES = 8


class Journal:
    """The file of one batch; made with its first record."""

    def __init__(self, store: ObjectStore, name: str) -> None:
        self._path = store.path / "journal" / f"{name}.{secrets.token_hex(ID_BYTES)}"
        self._context, key = self._path.name.encode(), secrets.token_bytes(KEY_BYTES)
        self._head, self._cipher = store.ring.wrap(key, self._context), AESGCM(key)
        self._file: int | None = None
        self._size = self._count = 0

    def append(self, record: bytes) -> None:
        """Add a record. OSError when the disk does not take it; the file then keeps what it has and takes no more."""
        if self._count < 0:
            raise OSError("the disk did not take an earlier record")
        file = self._open() if self._file is None else self._file
        sealed = self._cipher.encrypt(_nonce(self._count), record, self._context)
        head = b"" if self._count else self._head
        data = head + len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed
        self._count, count = -1, self._count
        if os.write(file, data) != len(data):
            os.ftruncate(file, self._size)
            raise OSError(f"no room for {len(data)} bytes")
        self._count, self._size = count + 1, self._size + len(data)

    def drop(self) -> None:
        """Delete it: its records are in a segment."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = None

    def _open(self) -> int:
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        hidden = self._path.with_name(f".{self._path.name}")  # nobody takes it over before it is locked
        self._file = os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        hidden.rename(self._path)
        return self._file


def orphans(store: ObjectStore, name: str) -> Generator[list[bytes]]:
    """The records of each writer that is gone; its file goes when the next one is asked for.

    A file that somebody changed stays where it is, and STO-004 is told on standard error.
    """
    for path in sorted((store.path / "journal").glob(f"{name}.{'?' * 2 * ID_BYTES}")):
        with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:  # dropped, or its writer lives
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file.fileno()).st_nlink:  # else it was dropped while we came
                try:
                    records = list(_records(store, path.name, file.read()))
                except FalajError as error:
                    print(error, file=sys.stderr)  # noqa: T201 - the replica's log
                    continue
                if records:
                    yield records
                path.unlink()


def _records(store: ObjectStore, name: str, data: bytes) -> Generator[bytes]:
    """What is whole: the writer may have died in the middle of the last record, which then was not answered."""
    context, at, count = name.encode(), WRAPPED_BYTES, 0
    try:
        cipher = AESGCM(store.ring.unwrap(data[:at], context)) if len(data) > at else None
        while cipher and len(data) >= (start := at + LENGTH_BYTES):
            at = start + int.from_bytes(data[at:start], "big")
            if at <= len(data):
                yield cipher.decrypt(_nonce(count), data[start:at], context)
            count += 1
    except (Unwrappable, InvalidTag) as error:
        raise FalajError("STO-004", f"journal {name}", f"its record {count} is not what was sealed there") from error


def _nonce(count: int) -> bytes:
    return count.to_bytes(NONCE_BYTES, "big")

"""Files of the set-up: a lock two runs share, a folder that appears whole or not at all, room on the disk."""

import fcntl
import os
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from infra.errors import FalajError
from infra.toolchain import cache
from tools.steps.process import pause

GIB = 1 << 30


@contextmanager
def alone(name: str, waiting: Callable[[], None]) -> Generator[None]:
    """Only one run at a time does `name`; the kernel frees the lock of a killed one. `waiting` is told once."""
    with _lock_file(name).open("w") as lock:
        if not _taken(lock):
            waiting()
            while not _taken(lock):
                pause(0.2)
        yield


@contextmanager
def together(name: str) -> Generator[Callable[[], bool]]:
    """Several runs at a time; the function it yields says whether this is the last one, and then keeps others out."""
    with _lock_file(name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)

        yield lambda: _taken(lock)


@contextmanager
def whole(folder: Path) -> Generator[Path]:
    """A new folder to fill; it becomes `folder` (replacing it) only at the end. Hold the folder's lock."""
    for left in folder.parent.glob(f".{folder.name}.*"):
        remove(left)
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    draft.mkdir(parents=True)
    try:
        yield draft
        remove(folder)
        draft.rename(folder)
    finally:
        remove(draft)


def remove(folder: Path) -> None:
    """Remove a folder if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def writable(folder: Path) -> None:
    """Make `folder`; FALAJ-TOOL-005 when that or writing into it is not allowed."""
    probe = folder / f".probe-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise FalajError(
            "TOOL-005", str(folder), f"this user (uid {os.getuid()}) cannot write: {error.strerror}"
        ) from error


def room(folder: Path, gib: float, why: str) -> None:
    """FALAJ-TOOL-006 unless `gib` are free on the disk of `folder`."""
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(there).free / GIB
    if free < gib:
        raise FalajError("TOOL-006", str(folder), f"{free:.1f} GiB are free, {why} needs {gib:.1f} GiB")


def _taken(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_file(name: str) -> Path:
    folder = cache() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.lock"

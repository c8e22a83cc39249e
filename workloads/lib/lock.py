"""Locks between processes that use one store: files beside its objects, freed by the kernel when their holder dies."""

import fcntl
from collections.abc import Generator
from contextlib import contextmanager

from workloads.lib.object_store import ObjectStore


@contextmanager
def held(store: ObjectStore, name: str, *, shared: bool = False) -> Generator[None]:
    """Hold the lock `name`, alone or with others who share it; waits for it. Not to be nested for one name."""
    folder = store.path / "locks"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / name.replace("/", ".")).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield

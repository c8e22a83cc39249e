"""What one run has made so far: sealed objects under the run's key. A run that was killed goes on from them."""

import fcntl
import json
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from workloads.lib.fingerprint import canonical
from workloads.lib.object_store import ObjectStore


@dataclass(frozen=True)
class Workspace:
    """The objects `<prefix>/<name>` of a store."""

    store: ObjectStore
    prefix: str

    def has(self, *names: str) -> bool:
        """Whether all these objects are there."""
        return all(self.store.exists(f"{self.prefix}/{name}") for name in names)

    def drop(self, *names: str) -> None:
        """Forget these objects: what they were made from is made anew."""
        for name in names:
            if self.has(name):
                self.store.delete(f"{self.prefix}/{name}")

    def put(self, name: str, data: bytes) -> str:
        """Seal `data`; returns its digest."""
        return self.store.put(f"{self.prefix}/{name}", data)

    def get(self, name: str) -> bytes:
        """The object, authenticated."""
        return self.store.get(f"{self.prefix}/{name}")

    def put_json(self, name: str, value: Any) -> str:
        """Seal a JSON value; returns its digest."""
        return self.put(name, canonical(value))

    def get_json(self, name: str) -> Any:
        """The JSON value, authenticated."""
        return json.loads(self.get(name))

    def find_json(self, name: str, default: Any = None) -> Any:
        """The JSON value, authenticated, or the default where there is none."""
        return self.get_json(name) if self.has(name) else default

    def put_table(self, name: str, table: Any) -> str:
        """Seal a pandas table as Parquet; returns its digest."""
        return self.put(name, table.to_parquet())

    def get_table(self, name: str) -> Any:
        """The pandas table, authenticated. (Any: pandas ships no types that a strict checker accepts.)"""
        import pandas as pd

        return pd.read_parquet(BytesIO(self.get(name)))  # pyright: ignore[reportUnknownMemberType]

    def put_rows(self, name: str, rows: Any) -> str:
        """Seal a `pyarrow.Table` as Parquet; returns its digest."""
        import pyarrow.parquet as pq

        out = BytesIO()
        pq.write_table(rows, out, compression="zstd")  # pyright: ignore[reportUnknownMemberType]
        return self.put(name, out.getvalue())

    def get_rows(self, name: str, columns: Sequence[str] | None = None) -> Any:
        """The `pyarrow.Table`, authenticated; of these columns when they are named."""
        import pyarrow.parquet as pq

        return pq.read_table(BytesIO(self.get(name)), columns=columns)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


@contextmanager
def suppress_missing() -> Generator[None]:
    """Go on after the block when an object it needs is not there (any more); a damaged one stays an error."""
    try:
        yield
    except FalajError as error:
        if error.code != "STO-005":
            raise


@contextmanager
def alone(folder: Path, workload: str) -> Generator[Path]:
    """Keep a second run of the workload out, and give an empty scratch folder that does not outlive the run.

    WRK-002 when another run holds it. What a killed run left in the folder is removed first.
    """
    scratch = folder / "scratch" / workload
    scratch.parent.mkdir(mode=0o700, exist_ok=True)
    with (scratch.parent / f"{workload}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise FalajError(
                "WRK-002", f"workload {workload}", "another run of it is at work on this platform"
            ) from None
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

"""The online store in one SQLite file: for one machine, read by many processes while one writes."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.errors import FalajError
from workloads.lib.features.definition import FeatureView
from workloads.lib.features.online import Online, Sealed

_TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS answers (view TEXT, name BLOB, event INTEGER, known INTEGER, sealed BLOB,
    PRIMARY KEY (view, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (view TEXT PRIMARY KEY, mark TEXT) WITHOUT ROWID;
"""
_WRITE = """
INSERT INTO answers VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
SET event = excluded.event, known = excluded.known, sealed = excluded.sealed
WHERE (excluded.event, excluded.known) >= (event, known)
"""
WAIT_SECONDS = 10


@dataclass(frozen=True)
class SqliteStore(Online):
    """`path` is made (mode 0600) when it is not there. FEA-007 when it cannot be opened, read or written."""

    path: Path

    def __post_init__(self) -> None:
        """Make the file and its tables."""
        try:
            self.path.touch(mode=0o600)
        except OSError as error:
            raise FalajError("FEA-007", str(self.path), f"it could not be made: {error.strerror}") from error
        with self._open() as database:
            database.executescript(_TABLES)

    def mark(self, view: FeatureView, mark: str) -> None:
        """Remember how far the view is materialised."""
        with self._open() as database:
            database.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (view.digest, mark))

    def marked(self, view: FeatureView) -> str | None:
        """What `mark` was given last."""
        with self._open() as database:
            found = database.execute("SELECT mark FROM marks WHERE view = ?", (view.digest,)).fetchone()
            return found[0] if found else None

    def _write(self, view: FeatureView, rows: list[Sealed]) -> None:
        with self._open() as database:
            database.executemany(_WRITE, [(view.digest, *row) for row in rows])

    def _read(self, view: FeatureView, names: list[bytes]) -> list[Sealed | None]:
        query = "SELECT name, event, known, sealed FROM answers WHERE view = ? AND name = ?"
        with self._open() as database:
            rows = (database.execute(query, (view.digest, name)).fetchone() for name in names)
            return [Sealed(*row) if row else None for row in rows]

    def _forget(self, view: FeatureView, names: list[bytes]) -> None:
        with self._open() as database:
            database.executemany(
                "DELETE FROM answers WHERE view = ? AND name = ?", [(view.digest, name) for name in names]
            )

    def _sweep(self, view: FeatureView, before: int) -> None:
        with self._open() as database:
            database.execute("DELETE FROM answers WHERE view = ? AND event < ?", (view.digest, max(before, -(2**63))))

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        """One transaction on a connection of its own: a connection belongs to its thread."""
        try:
            database = sqlite3.connect(self.path, timeout=WAIT_SECONDS)
            try:
                with database:
                    yield database
            finally:
                database.close()
        except sqlite3.Error as error:
            raise FalajError("FEA-007", str(self.path), f"SQLite says: {error}") from error

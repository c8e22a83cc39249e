# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A query of a database as a source."""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from infra.errors import FalajError
from workloads.lib.data import raw
from workloads.lib.data.source import Part
from workloads.lib.fingerprint import of_value

IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True)
class Sql:
    """A query of a database: any SQLAlchemy URL, or `duckdb:///file`. key: a column that no two rows share, not null.

    Read by ranges of a whole-number key, in the key's order; in one piece else. A piece whose count or bounds changed
    is another part; a value changed in place under a running load is not noticed: query a snapshot where that can be.
    """

    url: str = field(repr=False)
    query: str
    key: str
    pieces: int = 8

    @property
    def place(self) -> str:
        """The database's kind, host and name, without user and password."""
        parsed = urlsplit(self.url)
        return f"{parsed.scheme}://{parsed.hostname or ''}{parsed.path}"

    def parts(self) -> list[Part]:
        """One part a range of keys. DAT-009 when there are no rows, or the key is none."""
        if not IDENTIFIER.fullmatch(self.key):
            raise FalajError("DAT-009", self.place, f"key {self.key!r} is no column's name")
        rows, keys, low, high = self._facts(f"count(*), count(distinct {self.key}), min({self.key}), max({self.key})")
        if not rows or rows != keys:
            raise FalajError("DAT-009", self.place, f"the query gives {rows} rows with {keys} values of key {self.key}")
        edges = [low + (high + 1 - low) * i // self.pieces for i in range(self.pieces + 1)] if _whole(low, high) else []
        ranges = [f"{self.key} >= {a} and {self.key} < {b}" for a, b in pairwise(edges) if a < b]
        return [self._part(where) for where in ranges or ["1 = 1"]]

    def _part(self, where: str) -> Part:
        facts = self._facts(f"count(*), min({self.key}), max({self.key})", where)
        query = f"select * from ({self._query}) q where {where} order by {self.key}"  # noqa: S608 - the user's own query
        return Part(where, of_value([self._query, *map(str, facts)]), _Queried(self.url, query, self.place))

    def _facts(self, what: str, where: str = "1 = 1") -> Sequence[Any]:
        query = f"select {what} from ({self._query}) q where {where}"  # noqa: S608 - as above
        return next(_fetched(self.url, query, self.place))[1][0]

    @property
    def _query(self) -> str:
        return self.query.strip().rstrip(";")


@dataclass(frozen=True)
class _Queried:
    url: str = field(repr=False)
    query: str
    place: str

    def __call__(self) -> Iterator[raw.Rows]:
        for names, rows in _fetched(self.url, self.query, self.place):
            columns = [[_text(value) for value in column] for column in zip(*rows, strict=True)]
            yield pa.table(dict(zip(names, (pa.array(column, pa.string()) for column in columns), strict=True)))


def _fetched(url: str, query: str, place: str) -> Iterator[tuple[list[str], list[Sequence[Any]]]]:
    """(names, rows) in batches, streamed. DAT-009 when the engine refuses."""
    try:
        yield from (_by_duckdb if url.startswith("duckdb:///") else _by_sqlalchemy)(url, query)
    except FalajError:
        raise
    except Exception as error:  # each driver has errors of its own
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise FalajError("DAT-009", place, f"{type(error).__name__}: {reason}") from error


def _by_duckdb(url: str, query: str) -> Iterator[tuple[list[str], list[Sequence[Any]]]]:
    import duckdb

    with closing(duckdb.connect(Path(url.removeprefix("duckdb:///")), read_only=True)) as database:
        cursor = database.execute(query)
        names = [column[0] for column in cursor.description or ()]
        while rows := cursor.fetchmany(raw.BATCH_ROWS):
            yield names, list(rows)


def _by_sqlalchemy(url: str, query: str) -> Iterator[tuple[list[str], list[Sequence[Any]]]]:
    import sqlalchemy

    engine = sqlalchemy.create_engine(url)
    with engine.connect().execution_options(stream_results=True, yield_per=raw.BATCH_ROWS) as database:
        found = database.execute(sqlalchemy.text(query))
        for rows in found.partitions(raw.BATCH_ROWS):
            yield list(found.keys()), list(rows)
    engine.dispose()


def _whole(*values: Any) -> bool:
    return all(isinstance(value, int) for value in values)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat(" ").replace("+00:00", "Z")
    if isinstance(value, bytes):
        raise FalajError("DAT-008", "a binary column", "bytes are no plain value: leave the column out of the query")
    return str(value)

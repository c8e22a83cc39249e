# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false, reportUnknownLambdaType=false
"""A view's rows, made ready to be asked: only those that are ever the answer, each with when it becomes that.

"The latest event at or before t, among the rows known at or before t" has two time axes; an as-of join has one. A row
can be the answer from the later of its two instants on (`usable`), and it is the answer exactly when no row usable as
early or earlier has a later event. So the rows that fall behind one of those are dropped once, and what remains is one
row per key and `usable` instant, for a plain as-of join. Equal events: the one known later; equal both: the later row.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workloads.lib.features.definition import FeatureView, instants, key

_FIRST = "SELECT max(row) AS row FROM rows GROUP BY {keys}, usable"
_BITEMPORAL = """SELECT row FROM rows
    QUALIFY row = max(row) OVER (PARTITION BY {keys} ORDER BY usable RANGE UNBOUNDED PRECEDING)"""


@dataclass(frozen=True)
class History:
    """Rows in order of (event, known); all parts have as many."""

    view: FeatureView
    keys: Any
    """Arrow table of the key columns, int64 or string."""
    event: NDArray[np.int64]
    known: NDArray[np.int64]
    values: Any
    """Arrow table of the features."""

    @classmethod
    def of(cls, view: FeatureView, table: Any) -> Self:
        """The history in an Arrow table. A row whose key, event time or known-at is null is left out.

        FEA-002 a column is missing, FEA-003 it has another type, FEA-004 an instant without a time zone.
        """
        place = f"feature view {view.name}"
        keys = pa.table({name: key(table, name, place) for name in view.keys})
        event = instants(table, view.event_time, place)
        known = instants(table, view.known_at, place) if view.known_at else event
        complete = np.ones(len(event), dtype=bool)
        for part in (event, known, *keys.columns):
            complete &= np.asarray(pc.is_valid(part))
        at = np.flatnonzero(complete)
        events, knowns = np.asarray(event.take(at)), np.asarray(known.take(at))
        order = np.lexsort((knowns, events))  # stable: of two rows that tie, the later one stays later
        at = at[order]
        every = cls(view, keys.take(at), events[order], knowns[order], view.values(table).take(at))
        return every.take(every._answers())

    @property
    def usable(self) -> NDArray[np.int64]:
        """The instant from which each row can be the answer."""
        return np.maximum(self.event, self.known)

    def __len__(self) -> int:
        return len(self.event)

    def take(self, at: NDArray[Any]) -> Self:
        """The rows at these places."""
        return type(self)(self.view, self.keys.take(at), self.event[at], self.known[at], self.values.take(at))

    def columns(self) -> Any:
        """Keys, `usable` and the place (`row`), under names of our own, for SQL."""
        return numbered(self.keys, usable=self.usable)

    def _answers(self) -> NDArray[np.int64]:
        with engine(rows=self.columns()) as ask:
            query = _BITEMPORAL if self.view.known_at else _FIRST
            return np.sort(ask(query.format(keys=", ".join(names(self.keys))))["row"])


def numbered(keys: Any, **more: Any) -> Any:
    """An Arrow table of the key columns as k0, k1 …, `more`, and each row's place as `row`."""
    named = dict(zip(names(keys), keys.columns, strict=True))
    return pa.table({**named, **more, "row": np.arange(keys.num_rows)})


def names(keys: Any) -> list[str]:
    """What `numbered` calls the key columns."""
    return [f"k{at}" for at in range(keys.num_columns)]


@contextmanager
def engine(**tables: Any) -> Generator[Any]:
    """Ask SQL of Arrow tables: query -> numpy columns. In memory only: DuckDB would spill plain text to the disk."""
    import duckdb

    with duckdb.connect(":memory:", config={"temp_directory": ""}) as connection:
        connection.execute("SET enable_external_access = false")
        for name, table in tables.items():
            connection.register(name, table)
        yield lambda query: connection.sql(query).fetchnumpy()

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false, reportUnknownLambdaType=false
"""The point-in-time join: to every row, the features as they were known at that row's instant."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from infra.errors import FalajError
from workloads.lib.features.definition import instants, key, nanoseconds
from workloads.lib.features.history import History, engine, numbered

_ASOF = "SELECT asked.row AS row, known.row AS found FROM asked ASOF JOIN known ON {keys} AND asked.at >= known.usable"


def join(rows: Any, time: str, *histories: History) -> Any:
    """The Arrow table `rows`, every row in its place, with the features of each history as of its column `time`.

    A feature is null when no row of its key was known then, or when the latest is older than the view's TTL.
    FEA-001 a column of that name is there already, FEA-002 to 004 as for `History.of`.
    """
    for history in histories:
        found = lookup(rows, time, history)
        at = pa.array(found, mask=found < 0)
        for name in history.view.names:
            if name in rows.column_names:
                raise FalajError(
                    "FEA-001", f"feature view {history.view.name}", f"the rows have a column {name} already"
                )
            rows = rows.append_column(name, history.values[name].take(at))
    return rows


def lookup(rows: Any, time: str, history: History) -> NDArray[np.int64]:
    """The place in `history` of each row's answer, -1 for none."""
    view = history.view
    place = f"rows for feature view {view.name}"
    keys = pa.table({name: key(rows, name, place) for name in view.keys})
    for name in view.keys:
        if keys[name].type != (theirs := history.keys[name].type):
            raise FalajError("FEA-003", place, f"key column {name} is {keys[name].type}, the view's is {theirs}")
    at = instants(rows, time, place)
    found = np.full(len(rows), -1, dtype=np.int64)
    on = " AND ".join(f"asked.k{place} = known.k{place}" for place in range(len(view.keys)))
    asked, known = _coded(keys, history.keys), _coded(history.keys, history.keys)
    with engine(asked=numbered(asked, at=at), known=numbered(known, usable=history.usable)) as ask:
        answer = ask(_ASOF.format(keys=on))
    found[answer["row"]] = answer["found"]
    if view.ttl and len(history):
        # Unsigned, since the difference of two instants may not fit the signed type.
        age = np.asarray(at.fill_null(0)).view(np.uint64) - history.event[found].view(np.uint64)
        found[age > nanoseconds(view.ttl)] = -1
    return found


def _coded(keys: Any, among: Any) -> Any:
    """Each key column as places in the values that `among` has, null for others: DuckDB joins integers much faster."""
    values = {name: pc.unique(among[name]) for name in keys.column_names}
    return pa.table({name: pc.index_in(keys[name], value_set=known) for name, known in values.items()})

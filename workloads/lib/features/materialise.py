# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Materialise: bring the online store to what a table version answers at an instant."""

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from workloads.lib.features.definition import FeatureView, nanoseconds
from workloads.lib.features.history import History, engine, names, numbered
from workloads.lib.features.online import Online, Row

BATCH = 10_000


class Materialised(BaseModel):
    """How far a view is: everything `version` answers up to the instant `at`, less what `batches` leaves to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    """Digest of the table version."""
    since: int | None
    """Nanoseconds since 1970: what is usable up to here was written before."""
    at: int
    batches: int
    """How many batches of rows are written."""
    done: bool


def materialised(store: Online, view: FeatureView, version: str) -> bool:
    """Whether all that `version` answers is there."""
    last = _last(store, view)
    return last is not None and last.version == version and last.done


def materialise(store: Online, history: History, version: str, at: int, batch: int = BATCH) -> int:
    """Write the answers of each key as of `at` (nanoseconds since 1970); how many rows were written.

    From the same table version only what became usable since the last time is written; from another version all of
    it, since a row may be there that came late. A run that was killed goes on after its last whole batch. Doing it
    twice, or with an earlier instant, changes nothing. Rows that left the table stay: `Online.forget` takes them out.
    FEA-007 when the store refuses.
    """
    view = history.view
    last = _last(store, view)
    if last and last.version == version and last.done and at <= last.at:
        return 0
    state = _next(last, version, at)
    places = _newest(history, state)
    written = 0
    for first in range(state.batches * batch, len(places), batch):
        rows = _rows(history, places[first : first + batch])
        store.write_many(view, rows)
        written += len(rows)
        state = state.model_copy(update={"batches": state.batches + 1})
        store.mark(view, state.model_dump_json())
    store.mark(view, state.model_copy(update={"done": True}).model_dump_json())
    return written


def _last(store: Online, view: FeatureView) -> Materialised | None:
    return Materialised.model_validate_json(mark) if (mark := store.marked(view)) else None


def _next(last: Materialised | None, version: str, at: int) -> Materialised:
    if last and last.version == version:
        if not last.done and last.at == at:
            return last
        return Materialised(version=version, since=last.at if last.done else last.since, at=at, batches=0, done=False)
    return Materialised(version=version, since=None, at=at, batches=0, done=False)


def _newest(history: History, state: Materialised) -> NDArray[np.int64]:
    """The places of the answers as of `state.at`, one per key, without those written before and those past the TTL."""
    places = np.flatnonzero(history.usable <= state.at)
    if state.since is not None:
        places = places[history.usable[places] > state.since]
    if history.view.ttl:
        places = places[history.event[places] >= state.at - nanoseconds(history.view.ttl)]
    keys = ", ".join(names(history.keys))
    with engine(rows=numbered(history.keys.take(places))) as ask:
        # Of a key, the places are in the order in which its rows become the answer.
        return places[np.sort(ask(f"SELECT max(row) AS row FROM rows GROUP BY {keys}")["row"])]  # noqa: S608 - k0, k1 …


def _rows(history: History, places: NDArray[np.int64]) -> list[Row]:
    part = history.take(places)
    values = zip(*(part.values[name].to_pylist() for name in part.view.names), strict=True)
    instants = zip(part.event.tolist(), part.known.tolist(), strict=True)
    return [Row(key, *at, value) for key, at, value in zip(part.keys.to_pylist(), instants, values, strict=True)]

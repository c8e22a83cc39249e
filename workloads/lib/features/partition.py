# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false, reportUnknownLambdaType=false, reportFunctionMemberAccess=false
"""The point-in-time join on Ray Data, by key partition: the same answers as on one machine, in bounded memory.

The view's rows are split by a hash of their key and each partition becomes a history in Ray's object store. The rows
to be joined stream past: a batch is split by the same hash and each part meets its own partition, one after the other.
So a task holds one batch and one partition, however many rows there are, and no row is shuffled: they stay in order.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workloads.lib.features.definition import FeatureView, key
from workloads.lib.features.history import History
from workloads.lib.features.join import join

BATCH = 50_000
"""Rows of a batch; what a task holds is about that many rows and one partition."""

_ODD = np.uint64(0x9E3779B97F4A7C15)
"""2⁶⁴ divided by the golden ratio, as in Fibonacci hashing."""


def partitioned(view: FeatureView, tables: Iterable[Any], partitions: int) -> list[Any]:
    """References to the histories of each partition of the view's rows; a later table's rows are later rows.

    `tables` are Arrow tables, such as `dataset.iter_batches(batch_format="pyarrow")` gives. FEA-002 to 004 as for
    `History.of`.
    """
    import ray

    pieces: list[list[Any]] = [[] for _ in range(partitions)]
    for table in tables:
        History.of(view, table.slice(0, 0))  # so that an error of the schema is raised here, under its own code
        part = _part(view, table, partitions)
        for at, own in enumerate(pieces):
            own.append(ray.put(table.filter(pa.array(part == at))))
    history = ray.remote(_history)
    return [history.remote(view, *own) for own in pieces]


def join_partitioned(rows: Any, time: str, view: FeatureView, histories: list[Any], batch: int = BATCH) -> Any:
    """The Ray dataset `rows` with the view's features as of its column `time`, every row in its place.

    FEA-001 to 004 as for `join`, wrapped in Ray's RayTaskError.
    """
    rows.context.execution_options.preserve_order = True
    arguments = {"time": time, "view": view, "histories": histories}
    return rows.map_batches(_join, batch_format="pyarrow", batch_size=batch, fn_kwargs=arguments)


def _join(rows: Any, time: str, view: FeatureView, histories: list[Any]) -> Any:
    import ray

    part = _part(view, rows, len(histories))
    order = np.argsort(part, kind="stable")
    joined = [
        join(rows.take(own), time, ray.get(histories[part[own[0]]]))
        for own in np.split(order, np.flatnonzero(np.diff(part[order])) + 1)
        if len(own)
    ]
    return pa.concat_tables(joined).take(np.argsort(order)) if joined else rows


def _history(view: FeatureView, *pieces: Any) -> History:
    return History.of(view, pa.concat_tables(pieces))


def _part(view: FeatureView, table: Any, partitions: int) -> NDArray[np.int64]:
    """The partition of each row: a hash of its key that is the same in every process and for every integer width."""
    place = f"feature view {view.name}"
    mixed = np.zeros(len(table), dtype=np.uint64)
    for name in view.keys:
        mixed = (mixed ^ _numbers(key(table, name, place))) * _ODD
    return ((mixed >> np.uint64(32)) % np.uint64(partitions)).astype(np.int64)


def _numbers(values: Any) -> NDArray[np.uint64]:
    """A number for each value; of a text, a digest of its bytes, computed once for each distinct one."""
    if pa.types.is_int64(values.type):
        return np.asarray(values.fill_null(0)).view(np.uint64)
    coded = pc.dictionary_encode(values.fill_null(""))
    digests = [_digest(text) for text in coded.dictionary.to_pylist()]
    return np.array(digests, dtype=np.uint64)[np.asarray(coded.indices)]


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")

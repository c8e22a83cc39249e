# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false
"""A column as counts: frequencies of its values, or quantile bins that the reference fixed. JSON, and no row in it."""

from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from infra.errors import FalajError
from workloads.lib.data.column import Kind

Counts = NDArray[np.int64]

TYPES: dict[Kind, Any] = {"code": pa.int64(), "text": pa.string(), "integer": pa.float64(), "number": pa.float64()}
"""How a kind is counted. An instant is not: later rows have later instants, which is no drift."""
FEW = 10
"""Numbers of at most so many distinct values are counted by value."""
MOST = 200
"""Values that are counted one by one; what is rarer is counted together."""
PARTS = 100


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    counts: tuple[int, ...]

    @property
    def rows(self) -> int:
        """Rows that were counted, nulls included."""
        return sum(self.counts)


class Frequencies(_Model):
    """counts: rows of each of `values`, then of all other values, then of none."""

    by: Literal["value"] = "value"
    values: tuple[int | float | str, ...]

    def count(self, name: str, column: Any) -> Counts:
        """Counts of other rows in the same cells. MON-001 as for `read`."""
        known = pa.array(self.values, TYPES[self.kind])
        found = read(name, self.kind, column)
        place = pc.index_in(found, value_set=known, skip_nulls=True)
        cells = np.asarray(pc.if_else(pc.is_null(found), len(known) + 1, pc.fill_null(place, len(known))))
        return np.bincount(cells, minlength=len(known) + 2)

    def cells(self, counts: Counts) -> Counts:
        """All of them: values, others, none."""
        return counts


class Quantiles(_Model):
    """counts: rows with edges[i-1] <= value < edges[i], the first and last bin open, then of no value.

    edges: the reference's hundredths, each once, above its smallest value. tenths: which edges are its tenths.
    """

    by: Literal["quantile"] = "quantile"
    edges: tuple[float, ...]
    tenths: tuple[int, ...]

    def count(self, name: str, column: Any) -> Counts:
        """Counts of other rows in the same bins. MON-001 as for `read`."""
        found = read(name, self.kind, column)
        values = np.asarray(found.drop_null())
        bins = np.bincount(np.searchsorted(self.edges, values, side="right"), minlength=len(self.edges) + 1)
        return np.append(bins, found.null_count)

    def cells(self, counts: Counts) -> Counts:
        """Rows by tenths of the reference, then of none."""
        begins = [0, *(place + 1 for place in self.tenths), len(counts) - 1]
        return np.add.reduceat(counts, begins)


Bins = Annotated[Frequencies | Quantiles, Field(discriminator="by")]


def fit(name: str, kind: Kind, column: Any) -> Frequencies | Quantiles:
    """How the column is spread in the reference. MON-001 as for `read`."""
    found = read(name, kind, column)
    values = found.drop_null()
    if kind in ("integer", "number") and pc.count_distinct(values).as_py() > FEW:
        return _quantiles(kind, np.sort(np.asarray(values)), found.null_count)
    rows: list[tuple[int, Any]] = sorted((-one["counts"], one["values"]) for one in pc.value_counts(values).to_pylist())
    kept = sorted((value, -count) for count, value in rows[:MOST])
    counts = (*(count for _, count in kept), -sum(count for count, _ in rows[MOST:]), found.null_count)
    return Frequencies(kind=kind, values=tuple(value for value, _ in kept), counts=counts)


def read(name: str, kind: Kind, column: Any) -> Any:
    """The column as the Arrow array its kind is counted as; NaN and infinity are nulls. MON-001 for other values."""
    try:
        found = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else pa.array(column, from_pandas=True)
        found = found.dictionary_decode() if pa.types.is_dictionary(found.type) else found
        found = found.cast(TYPES[kind], safe=kind == "code")
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise FalajError("MON-001", f"column {name}", f"it holds other than a {kind}: {error}") from None
    return found if kind in ("code", "text") else pc.if_else(pc.is_finite(found), found, None)


def _quantiles(kind: Kind, values: NDArray[np.float64], nulls: int) -> Quantiles:
    """Of sorted values. Quantiles are values that are there, so that equal values share a bin."""
    ranks = -(-np.arange(1, PARTS) * len(values) // PARTS)  # in whole numbers, rounded up
    hundredths = values[ranks - 1]
    least = values[np.searchsorted(values, values[0], side="right")]  # a heap of zeros is a bin of its own
    edges, tenths = (np.unique(np.maximum(some, least)) for some in (hundredths, hundredths[9::10]))
    counts = np.diff(np.searchsorted(values, edges, side="left"), prepend=0, append=len(values))
    places = np.searchsorted(edges, tenths)
    return Quantiles(
        kind=kind,
        edges=tuple(edges.tolist()),
        tenths=tuple(places.tolist()),
        counts=(*counts.tolist(), nulls),
    )

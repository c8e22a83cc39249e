# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false, reportUnknownLambdaType=false
"""The transform: what turns columns into a network's inputs, one JSON object for a training table and for one request.

Bit for bit the same for a row alone and for that row in a table, on any machine: encoding is element by element and
uses only what IEEE 754 rounds exactly (+ - * / and comparison). Sums over rows are made in `fit`, once.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from infra.errors import FalajError
from workloads.lib.fingerprint import of_value

UNSEEN = 0
"""The slot of a null and of a code the training rows did not hold; the network ignores it."""

SECONDS: dict[str, float] = {"day": 86_400.0, "week": 604_800.0, "year": 31_556_952.0}
"""Lengths of cycles of instants; the year is the Gregorian calendar's mean one."""

_SINE = [(-1) ** n / math.factorial(2 * n + 1) for n in range(7)]
"""Taylor coefficients of sin x / x in x²; on |x| ≤ π/2 the remainder is below (π/2)^15/15! = 6.7e-10."""

_NUMERIC = (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal, pa.types.is_boolean, pa.types.is_null)

Code = int | str


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Codes(_Model):
    """A column of codes, integers or text: a slot for each code seen."""

    name: str
    nearest: bool = False
    """Whether an integer past those seen counts as the nearest one, as an age does."""
    seen: list[int] | list[str] | None = None


class Number(_Model):
    """A column of numbers: standardised, held within ±`limit` standard deviations, and whether it is missing."""

    name: str
    limit: Annotated[float, Field(gt=0)] = 8.0
    mean: float | None = None
    deviation: float | None = None


class Cycle(_Model):
    """A column that comes round: sine and cosine of its place in the period, and whether it is missing."""

    name: str
    period: Annotated[float, Field(gt=0)] | Literal["day", "week", "year"]
    """In the column's own unit (24 for an hour of the day), or for instants by name, counted from 1970 in UTC."""


class Transform(_Model):
    """From columns to `slots` (rows, codes) int64 and `numbers` (rows, width) float32; an empty one is left out."""

    codes: tuple[Codes, ...] = ()
    numbers: tuple[Number, ...] = ()
    cycles: tuple[Cycle, ...] = ()

    @property
    def slots(self) -> int:
        """How many slots there are, UNSEEN included: the rows of the network's embedding."""
        return 1 + sum(len(_fitted(c.name, c.seen)) for c in self.codes)

    @property
    def width(self) -> int:
        """Columns of `numbers`: value and missing of each number, then sine, cosine and missing of each cycle."""
        return 2 * len(self.numbers) + 3 * len(self.cycles)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns it reads."""
        return tuple(part.name for part in (*self.codes, *self.numbers, *self.cycles))

    @property
    def digest(self) -> str:
        """Its version."""
        return of_value(self.model_dump(mode="json"))

    def fit(self, columns: Mapping[str, Any]) -> Self:
        """Learn codes, means and deviations, from training rows only. FEA-005 when a column has nothing to learn from.

        The result does not depend on the order of the rows. FEA-006 as for `encode`.
        """
        codes = tuple(c.model_copy(update={"seen": _seen(columns, c.name)}) for c in self.codes)
        numbers = tuple(n.model_copy(update=_moments(columns, n.name)) for n in self.numbers)
        return self.model_copy(update={"codes": codes, "numbers": numbers})

    def encode(self, columns: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        """The network's inputs. Nulls are None or NaN. FEA-006 when a column is missing or holds another type."""
        parts = [*(_standard(columns, n) for n in self.numbers), *(_phase(columns, c) for c in self.cycles)]
        inputs: dict[str, NDArray[Any]] = {}
        if self.codes:
            inputs["slots"] = self._slots(columns)
        if parts:
            inputs["numbers"] = np.concatenate(parts, axis=1).astype(np.float32)
        return inputs

    def _slots(self, columns: Mapping[str, Any]) -> NDArray[np.int64]:
        out: list[NDArray[np.int64]] = []
        first = 1
        for code in self.codes:
            seen = _fitted(code.name, code.seen)
            values = _codes(columns, code.name, isinstance(seen[0], str))
            if code.nearest:
                values = pc.max_element_wise(values, seen[0], skip_nulls=False)
                values = pc.min_element_wise(values, seen[-1], skip_nulls=False)
            place = pc.index_in(values, value_set=pa.array(seen, values.type), skip_nulls=True)
            out.append(np.asarray(pc.fill_null(pc.add(place.cast(pa.int64()), first), UNSEEN)))
            first += len(seen)
        return np.stack(out, axis=1)


def _standard(columns: Mapping[str, Any], number: Number) -> NDArray[np.float64]:
    values = _floats(_column(columns, number.name), number.name)
    mean, deviation = _fitted(number.name, number.mean), _fitted(number.name, number.deviation)
    missing = np.isnan(values)
    scaled = np.clip((np.where(missing, mean, values) - mean) / deviation, -number.limit, number.limit)
    return np.stack([scaled, missing], axis=1)


def _phase(columns: Mapping[str, Any], cycle: Cycle) -> NDArray[np.float64]:
    if isinstance(cycle.period, str):
        values, period = _seconds(columns, cycle.name), SECONDS[cycle.period]
    else:
        values, period = _floats(_column(columns, cycle.name), cycle.name), cycle.period
    missing = ~np.isfinite(values)
    turns = np.where(missing, 0.0, values) / period
    sine, cosine = np.where(missing, 0.0, _sine(turns)), np.where(missing, 0.0, _sine(turns + 0.25))
    return np.stack([sine, cosine, missing], axis=1)


def _sine(turns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sine of 2π · turns. A library's sine differs in its last bit between machines, and between vector and scalar."""
    turns = turns - np.floor(turns + 0.5)  # -½ … ½
    turns = np.where(np.abs(turns) > 0.25, np.copysign(0.5, turns) - turns, turns)  # -¼ … ¼, where the sine is the same
    x = turns * (2 * math.pi)
    square, sum_ = x * x, np.full_like(x, _SINE[-1])
    for coefficient in reversed(_SINE[:-1]):
        sum_ = sum_ * square + coefficient
    return x * sum_


def _seen(columns: Mapping[str, Any], name: str) -> list[Code]:
    seen: set[Code] = set(_codes(columns, name).drop_null().to_pylist())
    if not seen:
        raise FalajError("FEA-005", f"column {name}", "it holds no value in the rows to learn from")
    return sorted(seen)  # pyright: ignore[reportArgumentType]  # one type in all: `_codes` saw to it


def _moments(columns: Mapping[str, Any], name: str) -> dict[str, float]:
    """Mean and deviation of the finite values, as if summed without rounding: whatever the order of the rows."""
    values = _floats(_column(columns, name), name)
    finite: list[float] = values[np.isfinite(values)].tolist()
    if not finite:
        raise FalajError("FEA-005", f"column {name}", "it holds no value in the rows to learn from")
    mean = 0.0
    try:
        mean = math.fsum(finite) / len(finite)
        deviation = math.sqrt(math.fsum((value - mean) * (value - mean) for value in finite) / len(finite))
    except OverflowError:
        deviation = math.inf
    if not math.isfinite(deviation):
        raise FalajError(
            "FEA-005", f"column {name}", f"its values, up to {max(map(abs, finite))}, are too large to square"
        )
    return {"mean": mean, "deviation": deviation or 1.0}


def _fitted(name: str, learnt: Any) -> Any:
    if learnt is None:
        raise FalajError("FEA-006", f"column {name}", "the transform was not fitted")
    return learnt


def _column(columns: Mapping[str, Any], name: str) -> Any:
    """The column as an Arrow array whose NaN are nulls."""
    if name not in columns:
        raise FalajError("FEA-006", f"column {name}", f"it is not among {', '.join(columns) or 'no columns'}")
    found = columns[name]
    try:
        array = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else pa.array(found, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise FalajError("FEA-006", f"column {name}", f"its values are not of one type: {error}") from None
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _codes(columns: Mapping[str, Any], name: str, text: bool | None = None) -> Any:
    """The column as int64 or string; `text` says which it must be."""
    found = _column(columns, name)
    given = pa.types.is_string(found.type) or pa.types.is_large_string(found.type)
    try:
        if not pa.types.is_null(found.type) and text not in (None, given):
            raise pa.ArrowInvalid(f"{found.type}, {'text' if text else 'integers'} in training")
        return found.cast(pa.string() if given or text else pa.int64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise FalajError("FEA-006", f"column {name}", f"it holds other than codes: {error}") from None


def _floats(found: Any, name: str) -> NDArray[np.float64]:
    """The numbers, NaN for null."""
    kind = found.type
    if not any(is_(kind) for is_ in _NUMERIC):
        raise FalajError("FEA-006", f"column {name}", f"it holds {kind}, not numbers")
    return np.ascontiguousarray(found.cast(pa.float64(), safe=False).fill_null(math.nan))


def _seconds(columns: Mapping[str, Any], name: str) -> NDArray[np.float64]:
    """Instants as seconds since 1970, NaN for null. A numpy datetime64 is UTC, as numpy says."""
    given = columns.get(name)
    if isinstance(given, np.ndarray) and given.dtype.kind == "M":
        found = pa.array(given.astype("datetime64[us]"), pa.timestamp("us", "UTC"))
    else:
        found = _column(columns, name)
    if pa.types.is_null(found.type):
        return _floats(found, name)
    if not pa.types.is_timestamp(found.type) or found.type.tz is None:
        raise FalajError("FEA-006", f"column {name}", f"it holds {found.type}, not instants with a time zone")
    return _floats(found.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64()), name) / 1e6

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false, reportUnknownLambdaType=false
"""What a feature is: a typed column of a feature view, whose rows say whom they describe, since when, and known when.

Instants are int64 nanoseconds since 1970 in UTC throughout: zones and units (s, ms, us, ns) may differ from table to
table, and comparing them stays exact.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Literal, Protocol, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from infra.errors import FalajError
from workloads.lib.fingerprint import of_value

Kind = Literal["integer", "number", "text", "boolean"]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]\w{0,62}$")]
Span = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=36500))]

ARROW: dict[Kind, Any] = {"integer": pa.int64(), "number": pa.float64(), "text": pa.string(), "boolean": pa.bool_()}
_FITS: dict[Kind, Callable[[Any], bool]] = {
    "integer": types.is_integer,
    "number": lambda t: types.is_floating(t) or types.is_integer(t) or types.is_decimal(t),
    "text": lambda t: types.is_string(t) or types.is_large_string(t) or types.is_string_view(t),
    "boolean": types.is_boolean,
}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Described(Protocol):
    """A column of a table's own catalogue, such as `workloads.lib.data.column.Column`."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Feature(_Model):
    """One typed column of a view."""

    name: Name
    kind: Kind
    description: str

    @classmethod
    def of(cls, column: Described) -> Self:
        """The feature that a described column is; a code is an integer. FEA-003 for an instant, which is none."""
        if column.kind == "instant":
            raise FalajError(
                "FEA-003", f"column {column.name}", "it is an instant, a feature is a number, code or text"
            )
        kind = "integer" if column.kind == "code" else column.kind
        return cls.model_validate({"name": column.name, "kind": kind, "description": column.title})


class FeatureView(_Model):
    """Features that are read together. FEA-001 when two of its columns have the same name."""

    name: Name
    description: str
    owner: str
    source: str
    """Table of the lake that the rows lie in."""
    keys: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Columns that say whom a row describes: integers or text."""
    event_time: Name
    """Column with the instant since which the row holds."""
    known_at: Name | None = None
    """Column with the instant since which the row could be known; without it, that is the event time."""
    ttl: Span | None = None
    """A row older than this, to the nanosecond, answers nothing more; None for never."""
    features: Annotated[tuple[Feature, ...], Field(min_length=1)]
    freshness: Span | None = None
    """How old the newest row may get before it is an alarm."""

    def model_post_init(self, context: Any, /) -> None:
        """No two columns of one name."""
        named = [*self.keys, self.event_time, *([self.known_at] if self.known_at else []), *self.names]
        if twice := sorted({name for name in named if named.count(name) > 1}):
            raise FalajError("FEA-001", f"feature view {self.name}", f"it names {', '.join(twice)} more than once")

    @property
    def names(self) -> tuple[str, ...]:
        """The features' names, in order."""
        return tuple(feature.name for feature in self.features)

    @property
    def digest(self) -> str:
        """The version of the definition: what is computed under another one is never mixed with it."""
        return of_value(self.model_dump(mode="json"))

    def values(self, table: Any) -> Any:
        """The features of `table` in the view's types (a NaN is a null). FEA-002 missing, FEA-003 wrong type."""
        place = f"feature view {self.name}"
        return pa.table({f.name: typed(table, f.name, f.kind, place) for f in self.features})


def column(table: Any, name: str, place: str) -> Any:
    """The column in one piece. FEA-002 when the table lacks it."""
    if name not in table.column_names:
        raise FalajError("FEA-002", place, f"it needs column {name}, the table has {', '.join(table.column_names)}")
    whole = table[name].combine_chunks()
    return whole.dictionary_decode() if types.is_dictionary(whole.type) else whole


def typed(table: Any, name: str, kind: Kind, place: str) -> Any:
    """The column as the kind's Arrow type, exactly. FEA-003 when that cannot be."""
    found = column(table, name, place)
    if not (_FITS[kind](found.type) or types.is_null(found.type)):
        raise FalajError("FEA-003", place, f"column {name} is {found.type}, the definition says {kind}")
    try:
        cast = found.cast(ARROW[kind])
    except pa.ArrowInvalid as error:
        raise FalajError("FEA-003", place, f"column {name} does not fit {kind}: {error}") from None
    return pc.if_else(pc.is_nan(cast), None, cast) if kind == "number" else cast


def key(table: Any, name: str, place: str) -> Any:
    """The key column as int64 or string. FEA-003 for other types."""
    found = column(table, name, place)
    kinds: tuple[Kind, ...] = ("integer", "text")
    for kind in kinds:
        if _FITS[kind](found.type):
            return typed(table, name, kind, place)
    raise FalajError("FEA-003", place, f"key column {name} is {found.type}, keys are integers or text")


def instants(table: Any, name: str, place: str) -> Any:
    """The column as int64 nanoseconds since 1970, UTC. FEA-004 without a time zone or outside the years 1678-2261."""
    found = column(table, name, place)
    if not types.is_timestamp(found.type) or found.type.tz is None:
        raise FalajError("FEA-004", place, f"column {name} is {found.type}, it must be a timestamp with a time zone")
    try:
        return found.cast(pa.timestamp("ns", "UTC")).cast(pa.int64())
    except pa.ArrowInvalid as error:
        raise FalajError("FEA-004", place, f"column {name} does not fit nanoseconds: {error}") from None


def nanoseconds(span: timedelta) -> int:
    """The span, exactly."""
    return span // timedelta(microseconds=1) * 1000

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A table's columns, described once: for validation, PII, the dataset card, the features' types and the HTTP schema.

Imports nothing heavy: a spec and a request's types are made from it, too.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from infra.errors import FalajError
from workloads.lib.fingerprint import of_value

Kind = Literal["code", "integer", "number", "text", "instant"]
Pii = Literal["none", "direct", "indirect", "special"]
"""direct: names a person · indirect: does so with others · special: a protected attribute (GDPR art. 9, sex)."""

BOUNDED = ("code", "integer", "number")


@dataclass(frozen=True)
class Column:
    """A column: its name, its meaning, and what it may hold.

    kind: a code is a whole number of which every value from low to high is in use; an instant is in UTC.
    low, high: the smallest and largest value, for numbers; None is no bound (a code has both).
    nullable: a row without a value is a good row.
    """

    name: str
    title: str
    kind: Kind = "code"
    low: float | None = None
    high: float | None = None
    nullable: bool = False
    pii: Pii = "none"

    def __post_init__(self) -> None:
        bounds = (self.low, self.high)
        if self.kind == "code" and None in bounds:
            raise FalajError("DAT-001", f"column {self.name}", f"a code has a lowest and a highest value, not {bounds}")
        if self.kind not in BOUNDED and bounds != (None, None):
            raise FalajError("DAT-001", f"column {self.name}", f"kind {self.kind} has no bounds, found {bounds}")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise FalajError("DAT-001", f"column {self.name}", f"low {self.low} is above high {self.high}")


@dataclass(frozen=True)
class Schema:
    """A table: its columns, the key that no two rows share, and which columns are its time and its person.

    time: the column of the event's instant or period, None where the table has no time.
    subject: the column that says whose row it is (the id consent is given under), None where rows are of nobody.
    DAT-001 when these name no column, or a column twice.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    time: str | None = None
    subject: str | None = None

    def __post_init__(self) -> None:
        named = [name for name in (*self.key, self.time, self.subject) if name is not None]
        if unknown := [name for name in named if name not in self.names]:
            raise FalajError("DAT-001", f"schema {self.name}", f"it has no column {', '.join(unknown)}")
        if len(set(self.names)) != len(self.names):
            twice = sorted({name for name in self.names if self.names.count(name) > 1})
            raise FalajError("DAT-001", f"schema {self.name}", f"it has more than one column {', '.join(twice)}")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        """The column of that name. DAT-001 when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise FalajError("DAT-001", f"schema {self.name}", f"it has no column {name}")

    def of_pii(self, *classes: Pii) -> tuple[str, ...]:
        """The names of the columns in these PII classes."""
        return tuple(column.name for column in self.columns if column.pii in classes)

    @property
    def arrow(self) -> Any:
        """The `pyarrow.Schema` that clean rows have."""
        import pyarrow as pa

        types = {"number": pa.float64(), "text": pa.string(), "instant": pa.timestamp("us", tz="UTC")}
        return pa.schema([pa.field(c.name, types.get(c.kind, pa.int64()), nullable=c.nullable) for c in self.columns])

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `of_dict` reads it back."""
        return asdict(self)

    @classmethod
    def of_dict(cls, fields: dict[str, Any]) -> "Schema":
        """The schema `as_dict` wrote."""
        read: dict[str, Any] = {"columns": tuple(Column(**c) for c in fields["columns"]), "key": tuple(fields["key"])}
        return cls(**(fields | read))

    @property
    def digest(self) -> str:
        """`sha256:…` of the schema as JSON."""
        return of_value(self.as_dict())

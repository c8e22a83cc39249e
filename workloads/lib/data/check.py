# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Check raw rows, each by itself: read every text as its column's kind, and say what is wrong with the row."""

from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute
from pandera.errors import SchemaErrors

from infra.errors import FalajError
from workloads.lib.data.column import Column, Schema

pc: Any = pyarrow.compute
WHOLE = r"^[+-]?\d{1,18}(\.0*)?$"
ZONED = r"(Z|[+-]\d\d(:?\d\d)?)$"
DTYPES = {"number": "float64", "text": "object", "instant": "datetime64[us, UTC]"}


def check(schema: Schema, rows: Any, zone: str | None) -> tuple[Any, list[str]]:
    """(`pyarrow.Table` of the columns' own types, one line per row: what is wrong with it, empty when nothing is).

    A value that cannot be read is null in the table. zone: the IANA name of the zone in which instants without one
    are meant; None: such an instant is wrong. A local time that a clock change leaves out or repeats is wrong, too.
    """
    reasons: list[set[str]] = [set() for _ in range(rows.num_rows)]
    read: dict[str, Any] = {}
    for column in schema.columns:
        text = pc.utf8_trim_whitespace(rows[column.name].combine_chunks())
        read[column.name], why = _read(column, text, zone)
        for at in np.flatnonzero(why != ""):
            reasons[at].add(f"{column.name}: {why[at]}")
    _by_pandera(schema, pa.table(read), reasons)
    return pa.table(read), ["; ".join(sorted(found)) for found in reasons]


def _read(column: Column, text: Any, zone: str | None) -> tuple[Any, Any]:
    """(the values, why a text is none of this kind: empty where it is one, or is missing)."""
    if column.kind == "text":
        return text, np.full(len(text), "")
    if column.kind == "instant":
        return _instants(text, zone)
    if column.kind == "number":
        numbers: Any = pd.to_numeric(pd.Series(text.to_pandas(), dtype=object), errors="coerce")
        values: Any = pa.array(numbers.to_numpy(float), from_pandas=True)
    else:
        whole = pc.if_else(pc.match_substring_regex(text, WHOLE), text, None)
        values = pc.replace_substring_regex(whole, r"\.0*$|^\+", "").cast(pa.int64())
    return values, _why(text, values, "no whole number" if column.kind != "number" else "no number")


def _instants(text: Any, zone: str | None) -> tuple[Any, Any]:
    zoned = pc.fill_null(pc.match_substring_regex(text, ZONED), False).to_numpy(zero_copy_only=False)
    given = pd.Series(text.to_pandas(), dtype=object)
    instants = pd.to_datetime(given.where(zoned), errors="coerce", utc=True, format="ISO8601")
    local = pd.to_datetime(given.where(~zoned), errors="coerce", format="ISO8601").astype("datetime64[us]")
    if zone is not None:
        try:
            instants = instants.fillna(local.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT"))
        except Exception as error:  # what an unknown zone raises depends on where zones come from
            raise FalajError("DAT-001", f"zone {zone!r}", f"it is no zone of the IANA database: {error}") from error
    values = pa.Array.from_pandas(instants, type=pa.timestamp("us", "UTC"))
    why = _why(text, values, "no instant")
    unclear = local.notna().to_numpy() & (why != "")
    return values, np.where(unclear, "no time zone" if zone is None else "no such time, or twice, in its zone", why)


def _why(text: Any, values: Any, reason: str) -> Any:
    return np.where(pc.and_(text.is_valid(), values.is_null()).to_numpy(zero_copy_only=False), reason, "")


def _by_pandera(schema: Schema, table: Any, reasons: list[set[str]]) -> None:
    """Missing values and bounds. A value that could not be read has its reason already."""
    frame = table.to_pandas(integer_object_nulls=True, date_as_object=False)
    for column in schema.columns:
        if column.kind in ("code", "integer"):
            frame[column.name] = frame[column.name].astype("Int64")
    try:
        _pandera(schema).validate(frame, lazy=True)
    except SchemaErrors as error:
        cases: Any = error.failure_cases
        if cases["index"].isna().any():
            raise FalajError("DAT-011", f"table {schema.name}", str(cases["check"].iloc[0])) from error
        for name, check, at in zip(cases["column"], cases["check"], cases["index"].astype(int), strict=True):
            if not any(reason.startswith(f"{name}: ") for reason in reasons[at]):
                reasons[at].add(f"{name}: {check}")


def _pandera(schema: Schema) -> Any:
    """The pandera schema of a Schema."""

    def column(c: Column) -> Any:
        checks: list[Any] = [] if c.low is None else [pandera.Check.ge(c.low, error=f"at least {c.low}")]
        checks += [] if c.high is None else [pandera.Check.le(c.high, error=f"at most {c.high}")]
        return pandera.Column(DTYPES.get(c.kind, "Int64"), checks, nullable=c.nullable)

    return pandera.DataFrameSchema({c.name: column(c) for c in schema.columns}, strict=True)

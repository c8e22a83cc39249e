# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Validate: every landed row is clean, or quarantined with its reasons; none disappears."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from infra.errors import FalajError
from workloads.lib.data import digest
from workloads.lib.data.check import check
from workloads.lib.data.column import Column, Schema
from workloads.lib.data.ingest import PART, ROW, Landed, landing
from workloads.lib.data.quality import CONFLICT, REPEATED, SUPERSEDED, DataQuality, report
from workloads.lib.data.table import Lake, TableVersion

REASONS = "_reasons"
MOSTLY_UNREADABLE = 0.5
"""A column of which more values than this cannot be read was changed at its source; it is no matter of bad rows."""


@dataclass(frozen=True)
class Validated:
    """The clean rows' version, and what there is to say of all rows."""

    version: TableVersion
    quality: DataQuality


def validate(
    lake: Lake,
    landed: Landed,
    schema: Schema,
    now: datetime,
    max_quarantined: float = 0.01,
    known: str | None = None,
    zone: str | None = None,
    ray: Any = None,
) -> Validated:
    """Clean rows into the table `schema.name`, all others as texts with their reasons into `<schema.name>_quarantine`.

    max_quarantined: the share of rows that may be bad (repeated and superseded ones are not bad). known, zone: as
    `split`. now: to tell how fresh the rows are. ray: a connected `ray`, to check batches beside each other.
    WRK-008 when more rows are bad: the tables stay as they were. DAT-011 when a column cannot be what the schema says.
    """
    raw = lake.read(landed.table, landed.load).sort_by([(PART, "ascending"), (ROW, "ascending")])
    clean, quarantine = split(schema, raw, known, zone, ray)
    quality = report(schema, raw, clean, quarantine[REASONS].to_pylist(), now)
    if quality.bad > max_quarantined * quality.rows:
        problem = f"{quality.bad} of {quality.rows} rows are bad, {max_quarantined:.0%} may be: {quality.worst}"
        raise FalajError("WRK-008", f"table {schema.name}", problem)
    bad = landing(schema, "quarantine", Column(REASONS, "Why", "text"))
    for table, rows in ((bad, quarantine), (schema, clean)):
        lake.create(table)
        if not lake.snapshots(table.name) or lake.version(table.name).digest != digest.of_table(rows):
            lake.overwrite(table.name, rows)
    return Validated(lake.version(schema.name), quality)


def split(
    schema: Schema, raw: Any, known: str | None = None, zone: str | None = None, ray: Any = None
) -> tuple[Any, Any]:
    """(clean rows with the schema's own types, the other rows as they were with `_reasons`), of rows that landed.

    Of several good rows of one key: the same again are `repeated`; known names the instant at which a version of a
    row became known, the latest is kept and the others are `superseded`; what then still differs are all `conflict`.
    DAT-011 when a column has no value at all, or most of its values cannot be read.
    """
    read, reasons = _checked(schema, raw, zone, ray)
    for column in schema.columns:
        _plausible(column, raw[column.name], read[column.name], schema.name)
    reasons = _settled(schema, read, reasons, known)
    good = pa.array(reasons == "")
    bad = raw.append_column(REASONS, pa.array(reasons, pa.string())).filter(pa.array(reasons != ""))
    return read.filter(good).cast(schema.arrow), bad


def _checked(schema: Schema, raw: Any, zone: str | None, ray: Any) -> tuple[Any, Any]:
    if ray is None:
        read, reasons = check(schema, raw, zone)
        return read, np.asarray(reasons, dtype=object)

    def batch(rows: Any) -> Any:
        read, reasons = check(schema, rows, zone)
        return read.append_column(REASONS, pa.array(reasons, pa.string())).append_column(ROW, rows[ROW])

    numbered = raw.set_column(raw.column_names.index(ROW), ROW, pa.array(np.arange(raw.num_rows)))
    done = ray.data.from_arrow(numbered).map_batches(batch, batch_format="pyarrow", batch_size=65_536)
    read = pa.concat_tables(done.iter_batches(batch_format="pyarrow", batch_size=None)).sort_by(ROW)
    return read.drop_columns([REASONS, ROW]), np.asarray(read[REASONS].to_pylist(), dtype=object)


def _plausible(column: Column, raw: Any, read: Any, table: str) -> None:
    """DAT-011 when this is not about single rows."""
    given = len(raw) - raw.null_count
    if not given:
        raise FalajError("DAT-011", f"table {table}", f"column {column.name} has no value in any of {len(raw)} rows")
    if (unread := read.null_count - raw.null_count) > MOSTLY_UNREADABLE * given:
        problem = f"{unread} of {given} values of column {column.name} are no {column.kind}"
        raise FalajError("DAT-011", f"table {table}", problem)


def _settled(schema: Schema, read: Any, reasons: Any, known: str | None) -> Any:
    """The reasons, with those of good rows that share a key."""
    good = np.flatnonzero(reasons == "")
    frame = read.take(pa.array(good)).to_pandas(integer_object_nulls=True)
    shared = frame[frame.duplicated(list(schema.key), keep=False)]
    if shared.empty:
        return reasons
    reasons = reasons.copy()
    repeated = shared.duplicated(keep="first")
    reasons[good[shared.index[repeated]]] = REPEATED
    left = shared[~repeated]
    if known is not None:
        latest = left.groupby(list(schema.key), dropna=False)[known].transform("max")
        reasons[good[left.index[left[known] != latest]]] = SUPERSEDED
        left = left[left[known] == latest]
    reasons[good[left.index[left.duplicated(list(schema.key), keep=False)]]] = CONFLICT
    return reasons

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The data-quality report of one load: what came, what was set aside and why, and what the clean columns hold."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute

from workloads.lib.data.column import Schema

pc: Any = pyarrow.compute
REPEATED, SUPERSEDED, CONFLICT = "key: repeated", "key: superseded", "key: conflict"
NOT_BAD = (REPEATED, SUPERSEDED)


@dataclass(frozen=True)
class DataQuality:
    """rows = clean + quarantined, always.

    reasons: rows by reason (a row may have several). columns: of the clean rows, {column: {nulls, distinct, min, max}};
    smallest and largest values of no column with personal data. first, last: of the time column, UTC RFC 3339.
    out_of_order: rows that arrived after a later one. age_seconds: from the last to `now`.
    """

    table: str
    rows: int
    clean: int
    quarantined: int
    reasons: dict[str, int]
    columns: dict[str, dict[str, Any]]
    first: str | None
    last: str | None
    out_of_order: int
    age_seconds: float | None

    @property
    def bad(self) -> int:
        """Quarantined rows but those that were only there again, or were corrected later."""
        return self.quarantined - sum(self.reasons.get(reason, 0) for reason in NOT_BAD)

    @property
    def worst(self) -> str:
        """The most frequent reason among the bad rows."""
        counts = {reason: number for reason, number in self.reasons.items() if reason not in NOT_BAD}
        return max(counts, key=lambda reason: counts[reason], default="none")

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def markdown(self) -> str:
        """A page for people."""
        span = f", {self.first} to {self.last}, {self.out_of_order:,} out of order" if self.first else ""
        lines = [f"# Data quality: {self.table}", ""]
        lines += [f"{self.rows:,} rows: {self.clean:,} clean, {self.quarantined:,} quarantined{span}.", ""]
        lines += ["| reason | rows |", "|---|---:|"] if self.reasons else []
        lines += [f"| {reason} | {number:,} |" for reason, number in self.reasons.items()]
        lines += ["", "| column | nulls | distinct | min | max |", "|---|---:|---:|---:|---:|"]
        for name, facts in self.columns.items():
            low, high = (facts.get(bound, "") for bound in ("min", "max"))
            lines.append(f"| {name} | {facts['nulls']:,} | {facts['distinct']:,} | {low} | {high} |")
        return "\n".join(lines) + "\n"


def report(schema: Schema, raw: Any, clean: Any, reasons: Sequence[str], now: datetime) -> DataQuality:
    """The report on a load's `raw` rows, of which `clean` stayed and the others have `reasons` (each `; `-joined)."""
    counts = Counter(reason for found in reasons for reason in found.split("; "))
    first, last, out_of_order = _times(schema, clean)
    return DataQuality(
        table=schema.name,
        rows=raw.num_rows,
        clean=clean.num_rows,
        quarantined=len(reasons),
        reasons=dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
        columns={column.name: _facts(clean[column.name], column.pii != "none") for column in schema.columns},
        first=first.isoformat() if first else None,
        last=last.isoformat() if last else None,
        out_of_order=out_of_order,
        age_seconds=(now - last).total_seconds() if last else None,
    )


def _facts(column: Any, personal: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {"nulls": column.null_count, "distinct": pc.count_distinct(column).as_py()}
    if personal or pa.types.is_string(column.type) or column.null_count == len(column):
        return facts
    bounds = pc.min_max(column).as_py()
    return facts | {name: v.isoformat() if isinstance(v, datetime) else v for name, v in bounds.items()}


def _times(schema: Schema, clean: Any) -> tuple[datetime | None, datetime | None, int]:
    if schema.time is None or schema[schema.time].kind != "instant" or not clean.num_rows:
        return None, None, 0
    times = clean[schema.time].combine_chunks().drop_null()
    numbers = times.cast(pa.int64())
    late = pc.sum(pc.less(numbers, pc.cumulative_max(numbers))).as_py() or 0
    bounds = pc.min_max(times).as_py()
    return bounds["min"], bounds["max"], late

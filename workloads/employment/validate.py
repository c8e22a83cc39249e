# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Validate: every row is clean or quarantined with its reasons; none disappears."""

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from infra.errors import FalajError
from workloads.employment.columns import FEATURES, PROTECTED, TARGET, YEARS
from workloads.employment.spec import Data
from workloads.lib.workspace import Workspace

CODED = (*FEATURES, *PROTECTED)
COLUMNS = ["id", "year", TARGET, *(column.name for column in CODED)]


def _whole(numbers: Any) -> Any:
    return numbers % 1 == 0


SCHEMA = pa.DataFrameSchema(
    {
        "id": pa.Column(float, pa.Check(_whole, name="whole"), unique=True, report_duplicates="all"),
        "year": pa.Column(float, pa.Check.isin(YEARS)),
        TARGET: pa.Column(float, pa.Check.isin([0, 1])),
        **{c.name: pa.Column(float, pa.Check.isin(range(c.low, c.high + 1))) for c in CODED},
    },
    strict=True,
)


def validate(raw: Workspace, work: Workspace, data: Data) -> dict[str, int]:
    """Seal `clean` and `quarantine` in `work`; returns {rows, clean, quarantined}.

    WRK-006 when a column is missing, WRK-008 when more than the agreed share of rows is bad.
    """
    clean, quarantine = split(_table(raw))
    counts = {"rows": len(clean) + len(quarantine), "clean": len(clean), "quarantined": len(quarantine)}
    if counts["quarantined"] > data.max_quarantined * counts["rows"]:
        reasons = quarantine["reasons"].value_counts().index[0]
        problem = (
            f"{counts['quarantined']} of {counts['rows']} rows are bad, {data.max_quarantined:.0%} may be: {reasons}"
        )
        raise FalajError("WRK-008", data.source, problem)
    work.put_table("quarantine", quarantine)
    work.put_table("clean", clean)
    work.put_json("counts", counts)
    return counts


def split(table: Any) -> tuple[Any, Any]:
    """(clean rows as integers, quarantined rows with a column `reasons`)."""
    if missing := [column for column in COLUMNS if column not in table]:
        raise FalajError("WRK-006", "the census table", f"it has no column {', '.join(missing)}")
    table = table[COLUMNS].reset_index(drop=True)
    numbers = table.apply(_numbers)
    reasons: Any = pd.Series("", index=table.index)
    try:
        SCHEMA.validate(numbers, lazy=True)
    except SchemaErrors as error:
        cases: Any = error.failure_cases
        if cases["index"].isna().any():
            raise FalajError("WRK-006", "the census table", str(cases["check"].iloc[0])) from error
        texts = (cases["column"].astype(str) + ": " + cases["check"].astype(str)).groupby(cases["index"].astype(int))
        reasons.update(texts.agg(_one_line))
    bad = reasons != ""
    return numbers[~bad].astype("int64"), table[bad].astype(str).assign(reasons=reasons[bad])


def _numbers(column: Any) -> Any:
    """As floats; what is no number becomes NaN, which no check passes."""
    return pd.to_numeric(column.astype(object), errors="coerce").astype(float)  # pyright: ignore[reportAttributeAccessIssue]


def _one_line(texts: Any) -> str:
    return "; ".join(sorted(set(texts)))


def _table(raw: Workspace) -> Any:
    """All four years; the labels of 2016 to 2018 come from a file of their own; a row without one stays."""
    reference, analysis, late = (raw.get_table(n) for n in ("reference", "analysis", "analysis_target"))
    for name, frame in (("analysis", analysis), ("analysis_target", late)):
        if "id" not in frame:
            raise FalajError("WRK-006", f"the file {name}", "it has no column id")
    return pd.concat([reference, analysis.merge(late, on="id", how="outer")], ignore_index=True)

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false
"""What a view's features look like, and whether its rows are as fresh as it promises."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

from workloads.lib.features.definition import FeatureView, Kind, instants, nanoseconds
from workloads.lib.features.online import instant

QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
TOP = 10


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Statistics(_Model):
    """One feature over a table. Means, deviations (of the population) and quantiles are of the finite numbers."""

    feature: str
    kind: Kind
    rows: int
    nulls: int
    distinct: int
    mean: float | None = None
    deviation: float | None = None
    quantiles: dict[str, float] = {}
    """By share, `0.5` for the median, interpolated; numbers only."""
    top: dict[str, int] = {}
    """The ten commonest values and their rows, of features that are no `number`; equals by value."""


class Freshness(_Model):
    """How old a view's newest row is. `stale` is the alarm: older than the view's limit, or no row at all."""

    view: str
    owner: str
    newest: datetime | None
    at: datetime
    age_seconds: float | None
    limit_seconds: float | None
    stale: bool


def statistics(view: FeatureView, table: Any) -> list[Statistics]:
    """The statistics of each feature in the Arrow table. FEA-002 a column is missing, FEA-003 it has another type."""
    values = view.values(table)
    return [_describe(feature.name, feature.kind, values[feature.name]) for feature in view.features]


def freshness(view: FeatureView, table: Any, at: datetime) -> Freshness:
    """The view's freshness at an instant. Rows from after it, or known only after it, say nothing.

    FEA-002 a column is missing, FEA-004 an instant without a time zone.
    """
    place, now = f"feature view {view.name}", instant(at)
    usable = instants(table, view.event_time, place)
    if view.known_at:
        usable = pc.max_element_wise(usable, instants(table, view.known_at, place), skip_nulls=False)
    newest: int | None = pc.max(usable.filter(pc.less_equal(usable, now))).as_py()
    age = None if newest is None else (now - newest) / 1e9
    limit = view.freshness
    return Freshness(
        view=view.name,
        owner=view.owner,
        newest=None if newest is None else datetime.fromtimestamp(0, UTC) + timedelta(microseconds=newest // 1000),
        at=at,
        age_seconds=age,
        limit_seconds=limit.total_seconds() if limit else None,
        stale=newest is None or (limit is not None and now - newest > nanoseconds(limit)),
    )


def _describe(name: str, kind: Kind, values: Any) -> Statistics:
    known = values.drop_null()
    common: dict[str, Any] = {
        "feature": name,
        "kind": kind,
        "rows": len(values),
        "nulls": values.null_count,
        "distinct": pc.count_distinct(known).as_py(),
    }
    if kind in ("text", "boolean"):
        return Statistics(**common, top=_top(known))
    finite = known.cast(pa.float64(), safe=False)
    finite = finite.filter(pc.is_finite(finite))
    top = _top(known) if kind == "integer" else {}
    if not len(finite):
        return Statistics(**common, top=top)
    numbers: list[float] = finite.to_pylist()
    mean = math.fsum(numbers) / len(numbers)
    quantiles = pc.quantile(finite, q=list(QUANTILES)).to_pylist()
    return Statistics(
        **common,
        mean=mean,
        deviation=math.sqrt(math.fsum((number - mean) ** 2 for number in numbers) / len(numbers)),
        quantiles={str(share): value for share, value in zip(QUANTILES, quantiles, strict=True)},
        top=top,
    )


def _top(known: Any) -> dict[str, int]:
    """Commonest first; of equally common ones, in the order of their text."""
    counted: list[tuple[str, int]] = [(str(v["values"]), v["counts"]) for v in pc.value_counts(known).to_pylist()]
    return dict(sorted(counted, key=lambda pair: (-pair[1], pair[0]))[:TOP])

"""Robustness: what becomes of a model's quality when its input is not as good as it was in training."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.lib.data.column import Column
from workloads.lib.release.interval import rounded
from workloads.lib.release.quality import GREATER_IS_BETTER, METRICS, Task, checked

Columns = Mapping[str, NDArray[Any]]
Predict = Callable[[Columns], NDArray[Any]]
SHARE = 0.1
"""Share of a column's values that are lost or spoilt at a time."""
NOISE = 0.05
"""Deviation of the noise on numbers, in standard deviations of the column."""


def measure(
    task: Task,
    metric: str,
    predict: Predict,
    columns: Columns,
    truth: NDArray[Any],
    schema: Iterable[Column],
    *,
    seed: int = 0,
) -> dict[str, Any]:
    """{metric, clean, cases: {case: {value, drop, moved}}, worst, worst_drop} over the columns that `schema` names.

    Each case spoils the same seeded tenth of the rows: `missing COLUMN` takes the value away (NaN), `noise` moves every
    number a little, `beyond COLUMN` puts a value past the column's bounds: a code never seen, a number out of range.
    drop: how much worse the metric gets over all rows, 0 or less is no worse; in the metric's unit. moved: mean
    distance between the scores before and after on the spoilt rows.
    """
    y, clean = checked(task, truth, predict(columns))
    spoilt = np.random.default_rng(seed).random(len(y)) < SHARE
    sign = 1.0 if metric in GREATER_IS_BETTER else -1.0
    before = METRICS[task][metric](y, clean)
    found: dict[str, dict[str, float]] = {}
    for case, changed in _cases(columns, [c for c in schema if c.name in columns], spoilt, seed):
        _, score = checked(task, truth, predict(changed))
        value = METRICS[task][metric](y, score)
        moved = float(np.abs(score - clean)[spoilt].mean()) if spoilt.any() else 0.0
        found[case] = {"value": value, "drop": sign * (before - value), "moved": moved}
    worst = max(found, key=lambda case: found[case]["drop"])
    return rounded(
        {"metric": metric, "clean": before, "cases": found, "worst": worst, "worst_drop": found[worst]["drop"]}
    )


def _cases(
    columns: Columns, schema: list[Column], spoilt: NDArray[np.bool_], seed: int
) -> Iterable[tuple[str, Columns]]:
    random = np.random.default_rng(seed + 1)
    for column in schema:
        yield f"missing {column.name}", {**columns, column.name: _put(columns[column.name], spoilt, np.nan)}
        if column.high is not None:
            beyond = column.high + 1 if column.kind == "code" else column.high + abs(column.high - (column.low or 0.0))
            yield f"beyond {column.name}", {**columns, column.name: _put(columns[column.name], spoilt, beyond)}
    numbers = [column.name for column in schema if column.kind == "number"]
    if numbers:
        moved = {name: columns[name].astype(np.float64) for name in numbers}
        noise = {name: NOISE * np.nanstd(v) * random.standard_normal(len(v)) * spoilt for name, v in moved.items()}
        yield "noise", {**columns, **{name: moved[name] + noise[name] for name in numbers}}


def _put(values: NDArray[Any], spoilt: NDArray[np.bool_], value: float) -> NDArray[Any]:
    """The column with one value in the spoilt rows. Text has no bounds: only its missing values are None."""
    if values.dtype.kind in "OUS":
        made = values.astype(object)
        made[spoilt] = None
        return made
    return np.where(spoilt, value, values.astype(np.float64))

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Watch: one window of a served model, from rows to alarms, and once more when its labels are there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workloads.lib.monitor.alarm import Alarm, Alarms
from workloads.lib.monitor.drift import Drift, drift
from workloads.lib.monitor.estimate import estimate
from workloads.lib.monitor.performance import Performance, performance
from workloads.lib.monitor.profile import Profile
from workloads.lib.monitor.worse import Verdict
from workloads.lib.serve.log import Record


@dataclass(frozen=True)
class Window:
    """What was seen before labels came, and the alarms `data`, `prediction` and `estimated` after it."""

    drift: Drift
    estimated: dict[str, Verdict]
    alarms: tuple[Alarm, ...]

    def as_dict(self) -> dict[str, Any]:
        """As JSON; the alarms by name and state."""
        estimated = {metric: one.as_dict() for metric, one in self.estimated.items()}
        return {**self.drift.as_dict(), "estimated": estimated, "states": {one.name: one.state for one in self.alarms}}


def logged(records: Sequence[Record], names: Iterable[str]) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """(columns, scores) of the requests that were answered, as their log kept them."""
    said = [record for record in records if record["prediction"] is not None]
    columns = {name: pa.array([record["row"][name] for record in said]) for name in names}
    return columns, np.array([record["prediction"] for record in said], dtype=np.float64)


def watch(profile: Profile, alarms: Alarms, at: datetime, columns: Mapping[str, Any], scores: NDArray[Any]) -> Window:
    """A window that ended at this instant. Errors are those of `drift`, `estimate` and `Alarms.observe`."""
    seen, foreseen = drift(profile, columns, scores), estimate(profile, scores)
    told = seen.as_dict()
    moved = {name: told["columns"][name] for name in seen.data}
    worse = {metric: one.as_dict() for metric, one in foreseen.items() if one.worse}
    found = (
        alarms.observe("data", bool(moved), at, moved, kind="data"),
        alarms.observe("prediction", seen.score.alarm, at, told["score"], kind="prediction"),
        alarms.observe("estimated", bool(worse), at, worse, kind="performance"),
    )
    return Window(seen, foreseen, found)


def confirm(
    profile: Profile,
    alarms: Alarms,
    at: datetime,
    truth: NDArray[Any],
    scores: NDArray[Any],
    drift: Drift | None = None,
) -> tuple[Performance, Alarm]:
    """The labels of a window that ended at this instant, and the alarm `performance` after it.

    Its kind is `concept` where neither columns nor answers drifted. drift: of that window. Errors are those of
    `performance` and `Alarms.observe`.
    """
    found = performance(profile.task, truth, scores, profile, drift)
    kind = "concept" if found.kind == "concept" else "performance"
    return found, alarms.observe("performance", found.worse, at, found.as_dict(), kind=kind)

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportAttributeAccessIssue=false
"""A fixed horizon: how many subjects it takes, and Welch's t-test once they are there (tea-tasting). Look once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import tea_tasting

from infra.errors import FalajError

ALPHA, POWER = 0.05, 0.8


@dataclass(frozen=True)
class Result:
    """Mean of the second arm less that of the first, its interval at 1 - alpha, and the p-value."""

    difference: float
    low: float
    high: float
    p: float


def analyse(first: Sequence[float] | Any, second: Sequence[float] | Any, alpha: float = ALPHA) -> Result:
    """Two-sided. EXP-001 with fewer than two subjects in an arm."""
    if min(len(first), len(second)) < 2:
        raise FalajError("EXP-001", "fixed horizon", f"{len(first)} and {len(second)} subjects")
    arm = np.repeat([0, 1], [len(first), len(second)])
    table = pa.table({"arm": arm, "outcome": np.concatenate([first, second]).astype(np.float64)})
    mean = tea_tasting.Mean("outcome", confidence_level=1 - alpha)
    found: Any = tea_tasting.Experiment(outcome=mean, variant="arm").analyze(table)["outcome"]
    return Result(found.effect_size, found.effect_size_ci_lower, found.effect_size_ci_upper, found.pvalue)


def subjects_needed(outcomes: Sequence[float] | Any, effect: float, alpha: float = ALPHA, power: float = POWER) -> int:
    """Subjects of both arms together to find a difference of `effect`, from outcomes seen before. EXP-001."""
    before = np.asarray(outcomes, np.float64)
    if not (effect and len(before) > 1 and before.std() > 0):
        raise FalajError("EXP-001", "fixed horizon", f"effect {effect}, {len(before)} outcomes seen before")
    mean = tea_tasting.Mean("outcome", effect_size=effect, alpha=alpha, power=power)
    found: Any = mean.solve_power(pa.table({"outcome": before}), "n_obs")
    return math.ceil(found[0].n_obs)

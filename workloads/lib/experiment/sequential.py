# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A confidence interval that holds at all times together: look as often as you like, stop whenever you like.

The two-sided normal mixture (Robbins 1970; Howard et al. 2021, arXiv 1810.08240): a sum S of intrinsic time t stays
within ±bound(t) for ever with probability 1 - alpha. A difference D of two means with variance V is such a sum, S = D/V
at t = 1/V (the canonical form of group-sequential tests). It is asymptotic, as V is estimated: hence BURN_IN.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import lambertw

from infra.errors import FalajError

ALPHA = 0.05
BURN_IN = 100
"""Subjects of each arm before anything is said."""
Values = Sequence[float] | Any
"""Outcomes of one arm, one a subject."""


@dataclass(frozen=True)
class Interval:
    """Mean of the second arm less that of the first, and what holds of it at any time with probability 1 - alpha."""

    difference: float
    low: float
    high: float
    subjects: tuple[int, int]

    @property
    def decided(self) -> bool:
        """Whether 0 is outside: one of the two is better."""
        return self.low > 0 or self.high < 0


def bound(time: float, rho: float, alpha: float = ALPHA) -> float:
    """sqrt((t + rho) · ln((t + rho) / (rho alpha²))); bound(1000, 100, 0.05) = 96.064."""
    if not (time >= 0 and rho > 0 and 0 < alpha < 1):
        raise FalajError("EXP-001", "bound", f"t is {time}, rho {rho}, alpha {alpha}")
    return math.sqrt((time + rho) * math.log((time + rho) / (rho * alpha * alpha)))


def tuned(time: float, alpha: float = ALPHA) -> float:
    """The rho for which the bound is least at intrinsic time t: where its derivative by rho is 0."""
    if not (time > 0 and 0 < alpha < 1):
        raise FalajError("EXP-001", "rho", f"t is {time}, alpha {alpha}")
    return float(time / (-lambertw(-alpha * alpha / math.e, -1).real - 1))


def planned(deviation: float, subjects: int, alpha: float = ALPHA) -> float:
    """rho for an experiment of about so many subjects an arm whose outcomes deviate by so much. Fix it beforehand."""
    if not (deviation > 0 and subjects > 0):
        raise FalajError("EXP-001", "rho", f"the deviation is {deviation}, the subjects {subjects}")
    return tuned(subjects / (2 * deviation * deviation), alpha)


def compare(first: Values, second: Values, rho: float, alpha: float = ALPHA) -> Interval:
    """The interval now; unbounded before BURN_IN subjects of each arm, or while an arm's outcomes are all the same."""
    arms = [np.asarray(values, np.float64) for values in (first, second)]
    if not all(np.isfinite(values).all() for values in arms):
        raise FalajError("EXP-001", "outcomes", "some are no numbers")
    sizes = (len(arms[0]), len(arms[1]))
    if min(sizes) < BURN_IN:
        return Interval(math.nan, -math.inf, math.inf, sizes)
    difference = float(arms[1].mean() - arms[0].mean())
    variances = [float(values.var(ddof=1)) / len(values) for values in arms]
    if min(variances) <= 0:
        return Interval(difference, -math.inf, math.inf, sizes)
    variance = sum(variances)
    width = variance * bound(1 / variance, rho, alpha)
    return Interval(difference, difference - width, difference + width, sizes)

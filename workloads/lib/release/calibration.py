# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Calibration: whether what a model says comes true as often, or as large, as it says."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from workloads.lib.release.interval import Floats, rounded
from workloads.lib.release.quality import TINY, Task, checked

BINS = 10
STEPS = 50


def measure(task: Task, truth: NDArray[Any], score: NDArray[Any], bins: int = BINS) -> dict[str, Any]:
    """{rows, error, table: [{n, said, came}], slope, intercept}, of `bins` bins with as many rows each by score.

    error: the mean of |said - came| over the bins, weighted by rows; of a classifier the expected calibration error
    (Naeini 2015, bins of equal mass), of a regression the same in the target's unit. Rows of equal score stay in one
    bin, so there may be fewer. slope, intercept: of the truth on what was said, by logistic regression on log-odds
    (Cox 1958), or by least squares; 1 and 0 are perfect, a slope under 1 says too much. null where it is not defined.
    """
    y, s = checked(task, truth, score)
    parts = _bins(s, bins)
    table = [{"n": len(rows), "said": float(s[rows].mean()), "came": float(y[rows].mean())} for rows in parts]
    error = sum(row["n"] * abs(row["said"] - row["came"]) for row in table) / len(y)
    slope, intercept = _logistic(y, s) if task == "classification" else _line(y, s)
    return rounded({"rows": len(y), "error": error, "table": table, "slope": slope, "intercept": intercept})


def platt(slope: float, intercept: float, score: Floats) -> Floats:
    """Probabilities put right by a slope and an intercept that were measured on other rows (Platt 1999)."""
    return _sigmoid(slope * _odds(score) + intercept)


def _bins(score: Floats, bins: int) -> list[NDArray[np.intp]]:
    """Rows by score in about equal parts; equal scores are not parted."""
    order = np.argsort(score, kind="stable")
    begins = np.searchsorted(score[order], score[order][np.arange(bins) * len(score) // bins], side="left")
    return np.split(order, np.unique(begins)[1:])


def _logistic(truth: Floats, score: Floats) -> tuple[float, float]:
    """Newton's method on the two coefficients; NaN where a line parts the classes, or all scores are equal."""
    x = np.stack([_odds(score), np.ones_like(score)], axis=1)
    at = np.zeros(2)
    for _ in range(STEPS):
        said = _sigmoid(x @ at)
        curve = x.T @ (x * (said * (1 - said))[:, None])
        if np.linalg.cond(curve) > 1 / np.finfo(float).eps:
            return np.nan, np.nan
        step = np.linalg.solve(curve, x.T @ (truth - said))
        at = at + step
        if np.abs(step).max() < 1e-10:
            return float(at[0]), float(at[1])
    return np.nan, np.nan


def _line(truth: Floats, score: Floats) -> tuple[float, float]:
    spread = float(np.var(score))
    slope = float(np.mean((truth - truth.mean()) * (score - score.mean()))) / spread if spread else np.nan
    return slope, float(truth.mean()) - slope * float(score.mean())


def _odds(score: Floats) -> Floats:
    held = np.clip(score, TINY, 1 - TINY)
    return np.log(held) - np.log1p(-held)


def _sigmoid(odds: Floats) -> Floats:
    return expit(odds)

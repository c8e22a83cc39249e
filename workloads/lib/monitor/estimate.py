# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Estimated performance, before labels arrive: what to expect of these scores if they are as right as in the profile.

What it sees is that the mix of scores changed. That the same scores became less right (concept drift) only labels tell.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from infra.errors import FalajError
from workloads.lib.monitor.answers import Answers, Floats
from workloads.lib.monitor.profile import Profile
from workloads.lib.monitor.worse import Verdict, verdict
from workloads.lib.release.interval import Interval, Z

DRAWS = 200


def estimate(profile: Profile, scores: NDArray[Any], *, seed: int = 0) -> dict[str, Verdict]:
    """Accuracy and AUC of a classifier, MAE and RMSE of a regression; each with where the true figure will lie 95 times
    in 100, and whether that is worse than in the profile.

    Scores that are no finite number are left out. MON-002 when none is left.
    """
    said = scores.astype(np.float64)
    said = said[np.isfinite(said)]
    if not len(said):
        raise FalajError("MON-002", "estimate", f"none of the window's {len(scores):,} scores is a number")
    classes = profile.task == "classification"
    found = _classification(profile.answers, said, seed) if classes else _regression(profile.answers, said)
    return {metric: verdict(profile, metric, len(said), figure) for metric, figure in found.items()}


def _classification(answers: Answers, score: Floats, seed: int) -> dict[str, Interval]:
    """Confidence-based: labels are drawn, again and again, from what came of such scores in the profile.

    Each draw also draws the profile's own outcomes anew, as a table of so many rows is no truth either.
    """
    random, yes, auc = np.random.default_rng(seed), score >= 0.5, _auc(score)
    drawn: list[tuple[float, float]] = []
    for _ in range(DRAWS):
        came = random.binomial(answers.rows, answers.came) / answers.rows
        truth = random.random(len(score)) < np.interp(score, answers.said, came)
        drawn.append((float(np.mean(truth == yes)), auc(truth)))
    accuracy, area = np.array(drawn).T
    found = {"accuracy": Interval.of_draws(float(accuracy.mean()), accuracy)}
    area = area[np.isfinite(area)]
    return found | ({"auc": Interval.of_draws(float(area.mean()), area)} if len(area) else {})


def _auc(score: Floats) -> Callable[[NDArray[np.bool_]], float]:
    """Area under the ROC curve of these scores by the truth; the scores are ranked once. NaN where one class is all."""
    ranks = rankdata(score)

    def of(truth: NDArray[np.bool_]) -> float:
        hits, rows = int(truth.sum()), len(truth)
        if hits in (0, rows):
            return float("nan")
        return float((ranks[truth].sum() - hits * (hits + 1) / 2) / (hits * (rows - hits)))

    return of


def _regression(answers: Answers, score: Floats) -> dict[str, Interval]:
    """The profile's errors by what was said, weighted by how often that is said now."""
    shares = answers.shares(score)
    absolute = _expected(answers, shares, len(score), np.array(answers.absolute), np.array(answers.squared))
    squared = _expected(answers, shares, len(score), np.array(answers.squared), np.array(answers.fourth))
    root = Interval(*(max(0.0, end) ** 0.5 for end in (squared.value, squared.low, squared.high)))
    return {"mae": absolute, "rmse": root}


def _expected(answers: Answers, shares: Floats, rows: int, mean: Floats, second: Floats) -> Interval:
    """The mean of a loss over new rows: its spread in each part counts for them, and for the profile's rows."""
    value, spread = float(shares @ mean), second - mean**2
    variance = float(shares @ spread) / rows + float(shares**2 @ (spread / np.array(answers.rows)))
    return Interval(value, value - Z * variance**0.5, value + Z * variance**0.5)

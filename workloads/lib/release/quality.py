# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Quality: the usual figures of a classifier or a regression with intervals, against the champion, and by slice.

A classifier's score is a probability; it says yes at 0.5 or more, or at the threshold given.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from infra.errors import FalajError
from workloads.lib.release.interval import Floats, Interval, Z, rounded, wilson

Task = Literal["classification", "regression"]
Metric = Callable[[Floats, Floats], float]
DRAWS = 1000
TINY = 1e-15
"""A probability is held this far from 0 and 1 in the logarithmic loss."""


def accuracy(truth: Floats, score: Floats) -> float:
    """Share of rows on the right side of 0.5."""
    return float(np.mean((score >= 0.5) == (truth == 1)))


def log_loss(truth: Floats, score: Floats) -> float:
    """Mean negative log likelihood, nats."""
    held = np.clip(score, TINY, 1 - TINY)
    return float(-np.mean(np.where(truth == 1, np.log(held), np.log1p(-held))))


def squared(truth: Floats, score: Floats) -> float:
    """Mean squared error; of probabilities it is Brier's score."""
    return float(np.mean((truth - score) ** 2))


def auc(truth: Floats, score: Floats) -> float:
    """Area under the ROC curve: how often a positive row outscores a negative one, ties counting half."""
    positive = truth == 1
    ranks, hits = rankdata(score), int(positive.sum())
    return float((ranks[positive].sum() - hits * (hits + 1) / 2) / (hits * (len(truth) - hits)))


def mae(truth: Floats, score: Floats) -> float:
    """Mean absolute error, in the target's unit."""
    return float(np.mean(np.abs(truth - score)))


def rmse(truth: Floats, score: Floats) -> float:
    """Root of the mean squared error, in the target's unit."""
    return float(np.sqrt(squared(truth, score)))


def r2(truth: Floats, score: Floats) -> float:
    """1 less the share of the target's variance that is left over."""
    return 1 - squared(truth, score) / float(np.var(truth))


def pinball(quantile: float) -> Metric:
    """The loss that the target's `quantile` minimises (Koenker and Bassett 1978), in the target's unit."""

    def loss(truth: Floats, score: Floats) -> float:
        over = truth - score
        return float(np.mean(np.maximum(quantile * over, (quantile - 1) * over)))

    return loss


METRICS: dict[Task, dict[str, Metric]] = {
    "classification": {"accuracy": accuracy, "auc": auc, "log_loss": log_loss, "brier": squared},
    "regression": {"mae": mae, "rmse": rmse, "r2": r2, "pinball_50": pinball(0.5), "pinball_90": pinball(0.9)},
}
GREATER_IS_BETTER = frozenset({"accuracy", "auc", "r2"})


def measure(task: Task, truth: NDArray[Any], score: NDArray[Any], *, seed: int = 0) -> dict[str, Any]:
    """{rows, metric, metric_low, metric_high …} of the task's metrics, and a classifier's confusion counts.

    Intervals are Wilson's of the accuracy, DeLong's of the AUC, and of the rest a bootstrap's percentiles. RLS-001 as
    for `checked`.
    """
    y, s = checked(task, truth, score)
    found: dict[str, Any] = {"rows": len(y)}
    for name, metric in METRICS[task].items():
        one = _interval(name, metric, y, s, seed)
        found |= {name: one.value, f"{name}_low": one.low, f"{name}_high": one.high}
    if task == "classification":
        cells = np.bincount((2 * y + (s >= 0.5)).astype(int), minlength=4).tolist()
        found["confusion"] = dict(zip(("tn", "fp", "fn", "tp"), cells, strict=True))
    return rounded(found)


def figure(task: Task, metric: str, truth: NDArray[Any], score: NDArray[Any], *, seed: int = 0) -> Interval:
    """One of the task's metrics, with the interval that `measure` gives. RLS-001 as for `checked`."""
    y, s = checked(task, truth, score)
    return _interval(metric, METRICS[task][metric], y, s, seed)


def against(
    task: Task,
    metric: str,
    truth: NDArray[Any],
    new: NDArray[Any],
    champion: NDArray[Any],
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> dict[str, Any]:
    """How much better `new` is than the champion on the same rows: {metric, rows, value, low, high}; above 0 is better.

    A bootstrap of rows, both models on the same draw: what the two have in common cancels out. RLS-001 as
    for `checked`.
    """
    y, ours = checked(task, truth, new)
    _, theirs = checked(task, truth, champion)
    measured = METRICS[task][metric]
    sign = 1.0 if metric in GREATER_IS_BETTER else -1.0

    def better(rows: Any) -> float:
        return sign * (measured(y[rows], ours[rows]) - measured(y[rows], theirs[rows]))

    found = Interval.of_draws(better(slice(None)), bootstrap(better, y, seed, draws, by_class=metric == "auc"))
    return {"metric": metric, "rows": len(y), **found.as_dict()}


def slices(
    task: Task,
    metric: str,
    truth: NDArray[Any],
    score: NDArray[Any],
    named: Mapping[str, NDArray[np.bool_]],
    least: int,
) -> dict[str, Any]:
    """The metric in each named part of the rows: {metric, overall, greater_is_better, slices, suppressed}.

    slices: {name: {n, value}}. Parts of fewer than `least` rows are named, not measured; nor is an AUC where there
    is one class only.
    """
    y, s = checked(task, truth, score)
    measured = METRICS[task][metric]
    large = {name: rows for name, rows in named.items() if _measurable(metric, y[rows], least)}
    found = {name: {"n": int(rows.sum()), "value": measured(y[rows], s[rows])} for name, rows in large.items()}
    overall = measured(y, s)
    told = {"metric": metric, "overall": overall, "greater_is_better": metric in GREATER_IS_BETTER}
    return rounded({**told, "slices": found, "suppressed": sorted(named.keys() - large.keys())})


def delong(truth: Floats, score: Floats) -> Interval:
    """The AUC with DeLong's interval (DeLong 1988), by ranks (Sun and Xu 2014); held within 0 and 1."""
    positive = truth == 1
    hits, misses = int(positive.sum()), int((~positive).sum())
    ranks = rankdata(score)
    of_hits = (ranks[positive] - rankdata(score[positive])) / misses
    of_misses = 1 - (ranks[~positive] - rankdata(score[~positive])) / hits
    variance = sum(float(np.var(part, ddof=1)) / len(part) if len(part) > 1 else 0.0 for part in (of_hits, of_misses))
    value, spread = float(of_hits.mean()), Z * variance**0.5
    return Interval(value, max(0.0, value - spread), min(1.0, value + spread))


def bootstrap(of: Callable[[Any], float], truth: Floats, seed: int, draws: int, *, by_class: bool = False) -> Floats:
    """`of` over `draws` draws of rows with replacement; by class, every draw has as many of each as there are."""
    random = np.random.default_rng(seed)
    parts = [np.flatnonzero(truth == kind) for kind in (0, 1)] if by_class else [np.arange(len(truth))]
    return np.array([of(np.concatenate([random.choice(part, len(part)) for part in parts])) for _ in range(draws)])


def checked(task: Task, truth: NDArray[Any], score: NDArray[Any]) -> tuple[Floats, Floats]:
    """Both as float64. RLS-001 for other lengths, no rows, what is no finite number, or no 0, 1 or probability."""
    y, s = truth.astype(np.float64), score.astype(np.float64)
    where = f"{len(y):,} outcomes, {len(s):,} scores"
    if len(y) != len(s) or not len(y):
        raise FalajError("RLS-001", where, "there must be as many of each, and one at least")
    if not (np.isfinite(y).all() and np.isfinite(s).all()):
        raise FalajError("RLS-001", where, f"{int((~np.isfinite(y)).sum() + (~np.isfinite(s)).sum())} are not finite")
    if task == "classification":
        if set(np.unique(y)) != {0.0, 1.0}:
            raise FalajError(
                "RLS-001", where, f"the outcomes are {np.unique(y)[:5].tolist()}, both of 0 and 1 are needed"
            )
        if s.min() < 0 or s.max() > 1:
            raise FalajError(
                "RLS-001", where, f"the scores lie in {s.min():g} to {s.max():g}, probabilities do in 0 to 1"
            )
    return y, s


def _interval(name: str, metric: Metric, y: Floats, s: Floats, seed: int) -> Interval:
    if name == "auc":
        return delong(y, s)
    value = metric(y, s)
    if name == "accuracy":
        return wilson(round(value * len(y)), len(y))
    return Interval.of_draws(value, bootstrap(lambda rows: metric(y[rows], s[rows]), y, seed, DRAWS // 5))


def _measurable(metric: str, truth: Floats, least: int) -> bool:
    return len(truth) >= max(least, 1) and (metric != "auc" or len(np.unique(truth)) == 2)

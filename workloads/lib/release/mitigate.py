"""Mitigation, when fairness fails: weights for training again, or another threshold. Both are recorded in the card.

Neither reads a protected attribute when the model is asked: whoever decides by sex or race decides differently about
two people who are alike in all else. A threshold for each group is there for those who may and must (`by_group`); it is
never the default, and its record says what it is.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from infra.errors import FalajError
from workloads.lib.release import fairness
from workloads.lib.release.interval import Floats, rounded

Constraint = Literal["demographic_parity", "equalized_odds", "true_positive_rate_parity", "false_positive_rate_parity"]


def reweigh(truth: NDArray[Any], member: NDArray[Any]) -> Floats:
    """A weight for each training row: P(group) P(outcome) / P(group, outcome) (Kamiran and Calders 2012).

    With them every group has the same share of outcome 1. They add up to the rows. A group with only one of the
    outcomes cannot be weighed so: RLS-002.
    """
    weights = np.empty(len(truth))
    for name in np.unique(member):
        for outcome in (0, 1):
            both = (member == name) & (truth == outcome)
            if not both.any():
                raise FalajError("RLS-002", f"group {name}", f"none of its rows has outcome {outcome}")
            weights[both] = (member == name).sum() * (truth == outcome).sum() / (len(truth) * both.sum())
    return weights


def threshold(
    truth: NDArray[Any], score: NDArray[Any], member: NDArray[Any], *, min_group: int, limits: dict[str, float]
) -> dict[str, Any] | None:
    """The one threshold for all that keeps `limits` at the greatest accuracy; None when no threshold does.

    {method, threshold, accuracy, uses_attribute, gaps}; of 99 thresholds from 0.01 to 0.99. Choose it on rows that the
    release is not judged by.
    """
    best: dict[str, Any] | None = None
    for at in np.arange(1, 100) / 100:
        said = (score >= at).astype(int)
        cells = _cells(truth, said, member, min_group)
        gaps = {name: float(gap) for name, gap in fairness.gaps(cells).items()}
        accurate = float((said == truth).mean())
        if _within(gaps, limits) and (best is None or accurate > best["accuracy"]):
            best = {
                "method": "threshold",
                "threshold": float(at),
                "accuracy": accurate,
                "uses_attribute": False,
                "gaps": gaps,
            }
    return rounded(best)


def by_group(truth: NDArray[Any], score: NDArray[Any], member: NDArray[Any], constraint: Constraint) -> dict[str, Any]:
    """Thresholds for each group by fairlearn's ThresholdOptimizer (Hardt 2016): decides by the protected attribute.

    The record has the mixture of two
    thresholds for each group; fairlearn draws between the two at random.
    """
    from fairlearn.postprocessing import ThresholdOptimizer
    from sklearn.base import BaseEstimator, ClassifierMixin

    class Given(ClassifierMixin, BaseEstimator):
        """A model whose score is its input."""

        classes_ = fitted_ = np.array([0, 1])

        def fit(self, *_: Any) -> "Given":
            return self

        def predict_proba(self, x: Any) -> Any:
            return np.hstack([1 - x, x])

    optimizer: Any = ThresholdOptimizer(
        estimator=Given(), constraints=constraint, prefit=True, predict_method="predict_proba"
    )
    optimizer.fit(score.reshape(-1, 1), truth, sensitive_features=member)
    rules: dict[Any, Any] = optimizer.interpolated_thresholder_.interpolation_dict
    groups = {
        str(name): [
            {"share": float(rule[f"p{place}"]), "threshold": str(rule[f"operation{place}"])} for place in (0, 1)
        ]
        for name, rule in rules.items()
    }
    return {"method": f"threshold optimiser, {constraint}", "uses_attribute": True, "groups": groups}


def _cells(truth: NDArray[Any], said: NDArray[Any], member: NDArray[Any], min_group: int) -> Any:
    groups = [who for who in (member == name for name in np.unique(member)) if who.sum() >= min_group]
    return np.stack([np.bincount(2 * truth[who] + said[who], minlength=4) for who in groups]).astype(float)


def _within(gaps: dict[str, float], limits: dict[str, float]) -> bool:
    """Whether every gap that has a limit keeps it; one that is not defined keeps none."""
    for limit, value in limits.items():
        side, name = limit.split("_", 1)
        if not (gaps[name] >= value if side == "min" else gaps[name] <= value):
            return False
    return True

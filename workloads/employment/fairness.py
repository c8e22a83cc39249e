# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Fairness: how the answers differ between protected groups."""

from typing import Any

import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame, count, false_positive_rate, selection_rate, true_positive_rate
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score

from workloads.employment.tables import GROUPS

DIGITS = 9


def fairness(truth: NDArray[Any], score: NDArray[Any], people: Any, min_group: int) -> dict[str, Any]:
    """Rates per group and the gaps between groups. Groups under `min_group` rows are named, not judged."""
    predicted = score >= 0.5
    rates: dict[str, Any] = {
        "n": count,
        "selection_rate": selection_rate,
        "tpr": true_positive_rate,
        "fpr": false_positive_rate,
        "accuracy": accuracy_score,
    }
    found: dict[str, Any] = {}
    for attribute, (column, names) in GROUPS.items():
        member = people[column].map(names).to_numpy()
        sizes: Any = pd.Series(member).value_counts()
        judged = np.isin(member, sizes.index[sizes >= min_group])
        frame: Any = MetricFrame(
            metrics=rates, y_true=truth[judged], y_pred=predicted[judged], sensitive_features=member[judged]
        )
        groups = {name: _rounded(row) for name, row in frame.by_group.to_dict("index").items()}
        gap, ratio = frame.difference(method="between_groups"), frame.ratio(method="between_groups")
        found[attribute] = {
            "groups": groups,
            "selection_rate_ratio": round(float(ratio["selection_rate"]), DIGITS),
            "equal_opportunity_difference": round(float(gap["tpr"]), DIGITS),
            "equalized_odds_difference": round(float(max(gap["tpr"], gap["fpr"])), DIGITS),
            "suppressed": sorted(sizes.index[sizes < min_group]),
        }
    return found


def _rounded(row: dict[str, float]) -> dict[str, float]:
    return {name: int(value) if name == "n" else round(float(value), DIGITS) for name, value in row.items()}

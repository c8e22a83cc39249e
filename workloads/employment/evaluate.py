# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Evaluate: the year after the training year, overall, against gradient boosting, and by protected group."""

from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
import torch
from fairlearn.metrics import MetricFrame, count, false_positive_rate, selection_rate, true_positive_rate
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score

from workloads.employment.columns import FEATURES, GROUPS, TARGET
from workloads.employment.features import Features
from workloads.employment.network import Network
from workloads.employment.spec import Spec
from workloads.lib.release import calibration
from workloads.lib.release.quality import slices
from workloads.lib.workspace import Workspace

Z = 1.959964  # 95 % two-sided
DIGITS = 9


def evaluate(work: Workspace, spec: Spec) -> dict[str, Any]:
    """Seal and return `evidence`: {evaluation, fairness, slices, calibration} of the release document."""
    clean = work.get_table("clean")
    train, test = (clean[clean["year"] == year] for year in (spec.data.train_year, spec.data.test_year))
    features = Features.model_validate_json(work.get("features"))
    score = Network.from_bytes(work.get("weights")).probability(torch.from_numpy(features.encode(test))).numpy()
    truth = test[TARGET].to_numpy()
    evidence = {
        "evaluation": quality(truth, score) | {"reference": _reference(train, test, spec.training.seed)},
        "fairness": fairness(truth, score, test, spec.release.min_group),
        "slices": slices("classification", "accuracy", truth, score, _ages(test["AGEP"]), spec.release.min_group),
        "calibration": calibration.measure("classification", truth, score),
    }
    work.put_json("evidence", evidence)
    return evidence


def _ages(age: Any) -> dict[str, Any]:
    """The rows of each span of ages."""
    spans = {"under 25": (0, 25), "25 to 44": (25, 45), "45 to 64": (45, 65), "65 and over": (65, 200)}
    return {name: ((age >= low) & (age < high)).to_numpy() for name, (low, high) in spans.items()}


def quality(truth: NDArray[Any], score: NDArray[Any]) -> dict[str, Any]:
    """Accuracy at 0.5 with its Wilson interval, AUC and the confusion counts."""
    predicted = score >= 0.5
    rows, share = len(truth), accuracy_score(truth, predicted)
    middle, spread = share + Z * Z / (2 * rows), Z * sqrt(share * (1 - share) / rows + Z * Z / (4 * rows * rows))
    tn, fp, fn, tp = confusion_matrix(truth, predicted, labels=[0, 1]).ravel().tolist()
    return {
        "rows": rows,
        "accuracy": round(share, DIGITS),
        "accuracy_low": round((middle - spread) / (1 + Z * Z / rows), DIGITS),
        "accuracy_high": round((middle + spread) / (1 + Z * Z / rows), DIGITS),
        "auc": round(float(roc_auc_score(truth, score)), DIGITS),
        "confusion": {"tn": tn, "fp": fp, "fn": fn, "tp": tp},
    }


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


def _reference(train: Any, test: Any, seed: int) -> dict[str, Any]:
    """What gradient boosting reaches with the same columns."""
    names = [column.name for column in FEATURES]
    coded = [name != "AGEP" for name in names]
    boosting: Any = HistGradientBoostingClassifier(categorical_features=coded, random_state=seed)  # pyright: ignore[reportArgumentType]
    boosting.fit(train[names].to_numpy(), train[TARGET].to_numpy())
    found = quality(test[TARGET].to_numpy(), boosting.predict_proba(test[names].to_numpy())[:, 1])
    return {"name": "hist_gradient_boosting", "accuracy": found["accuracy"], "auc": found["auc"]}


def _rounded(row: dict[str, float]) -> dict[str, float]:
    return {name: int(value) if name == "n" else round(float(value), DIGITS) for name, value in row.items()}

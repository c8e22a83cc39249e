# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Quality: how good answers are, with the interval that the release gate judges by the worse end of."""

from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score

from workloads.lib.train.spec import Task

Z = 1.959964  # 95 % two-sided
DRAWS = 400
"""Of the bootstrap: its ends then vary by about a tenth of the interval's width from seed to seed."""
DIGITS = 9


def quality(task: Task, truth: NDArray[Any], said: NDArray[Any], seed: int) -> dict[str, Any]:
    """Figures of the task; `seed` draws the bootstrap of a regression's."""
    return regression(truth, said, seed) if task == "regression" else classification(truth, said)


def classification(truth: NDArray[Any], score: NDArray[Any]) -> dict[str, Any]:
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


def regression(truth: NDArray[Any], said: NDArray[Any], seed: int) -> dict[str, Any]:
    """RMSE and R² with the middle 95 % of their bootstrap over rows, and MAE."""
    squared, spread = (said - truth) ** 2, (truth - truth.mean()) ** 2
    random, rows = np.random.default_rng(seed), len(truth)
    drawn = (random.integers(0, rows, rows) for _ in range(DRAWS))
    sums = np.array([(squared[some].sum(), spread[some].sum()) for some in drawn])
    rmse, r2 = np.sqrt(sums[:, 0] / rows), 1 - sums[:, 0] / sums[:, 1]
    figures = {
        "rmse": np.sqrt(squared.mean()),
        "rmse_low": np.quantile(rmse, 0.025),
        "rmse_high": np.quantile(rmse, 0.975),
        "r2": 1 - squared.sum() / spread.sum(),
        "r2_low": np.quantile(r2, 0.025),
        "r2_high": np.quantile(r2, 0.975),
        "mae": np.abs(said - truth).mean(),
    }
    return {"rows": rows, **{name: round(float(value), DIGITS) for name, value in figures.items()}}

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeArgument=false, reportArgumentType=false
"""Baselines: gradient boosting and a linear model on the network's own columns and split, always beside it."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.lib.train.spec import Task

FEW_CODES = 255
"""Boosting takes columns with more codes than it has bins as numbers."""

Columns = Mapping[str, NDArray[Any]]


def baselines(
    task: Task,
    train: Columns,
    target: NDArray[Any],
    others: Columns,
    coded: Collection[str],
    seed: int,
    weight: NDArray[Any] | None = None,
) -> dict[str, NDArray[np.float64]]:
    """{"boosting", "linear"}: what each, trained on `train`, says of `others`, a probability or a value per row.

    Columns (rows,): those named in `coded` hold codes, the others numbers; NaN is a missing number.
    """
    matrix, unseen = (np.column_stack([np.asarray(side[name], float) for name in train]) for side in (train, others))
    codes = [name in coded for name in train]
    said: dict[str, NDArray[np.float64]] = {}
    for name, model in {"boosting": _boosting(task, matrix, codes, seed), "linear": _linear(task, codes)}.items():
        step = {} if weight is None else {"model__sample_weight": weight}
        model.fit(matrix, target, **step)
        said[name] = model.predict_proba(unseen)[:, 1] if task == "classification" else model.predict(unseen)
    return said


def quality(task: Task, truth: NDArray[Any], said: NDArray[Any]) -> dict[str, float]:
    """Accuracy at 0.5, AUC and log loss, or RMSE, MAE and R²; AUC only where both classes are."""
    from sklearn import metrics

    if task == "regression":
        error = np.asarray(said, float) - truth
        figures = {"rmse": np.sqrt((error**2).mean()), "mae": np.abs(error).mean(), "r2": metrics.r2_score(truth, said)}
    else:
        figures = {"accuracy": ((said >= 0.5) == (truth > 0.5)).mean()}
        figures |= {"log_loss": metrics.log_loss(truth, said, labels=[0, 1])}
        figures |= {"auc": metrics.roc_auc_score(truth, said)} if len(np.unique(truth)) > 1 else {}
    return {name: float(value) for name, value in figures.items()}


def _boosting(task: Task, matrix: NDArray[Any], codes: list[bool], seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OrdinalEncoder

    kind = HistGradientBoostingClassifier if task == "classification" else HistGradientBoostingRegressor
    few = [coded and len(np.unique(matrix[:, at])) <= FEW_CODES for at, coded in enumerate(codes)]
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    model = kind(categorical_features=range(sum(few)), random_state=seed)
    return Pipeline([("columns", _columns(encoder, few, "passthrough")), ("model", model)])


def _linear(task: Task, codes: list[bool]) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import Pipeline, make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    model = LogisticRegression(max_iter=1000) if task == "classification" else Ridge()
    return Pipeline([("columns", _columns(OneHotEncoder(handle_unknown="ignore"), codes, numbers)), ("model", model)])


def _columns(encoder: Any, codes: list[bool], numbers: Any) -> Any:
    """Coded columns first, through the encoder; then the others."""
    from sklearn.compose import ColumnTransformer

    first = [at for at, coded in enumerate(codes) if coded]
    rest = [at for at, coded in enumerate(codes) if not coded]
    return ColumnTransformer([("codes", encoder, first), ("numbers", numbers, rest)])

"""Baselines and the network on data sets whose figures are known: research ranges of 5-fold scores, seed 0."""

from typing import Any

import numpy as np
import pytest
import torch
from sklearn import datasets
from sklearn.model_selection import KFold, StratifiedKFold

from workloads.lib.train.baselines import baselines, quality
from workloads.lib.train.examples import Examples, to_bytes
from workloads.lib.train.loop import Loop
from workloads.lib.train.spec import Job, Task, Training


def columns(matrix: np.ndarray) -> dict[str, Any]:
    return {f"c{at}": matrix[:, at] for at in range(matrix.shape[1])}


def network(task: Task, train: np.ndarray, target: np.ndarray, others: np.ndarray, **changes: Any) -> np.ndarray:
    """What an MLP says, trained by the loop on standardised columns and, in a regression, a standardised target."""
    middle, spread = train.mean(0), train.std(0)
    level, scale = (0.0, 1.0) if task == "classification" else (target.mean(), target.std())
    spec = {"seed": 0, "epochs": 40, "batch": 64, "learning_rate": 0.003, "weight_decay": 0.01} | changes
    job = Job(
        task=task,
        network="tests.workloads.lib.train.networks:Mlp",
        network_config={"columns": train.shape[1], "dropout": 0.2},
        training=Training(**spec),
    )
    loop = Loop(job, Examples.from_bytes(to_bytes({"x": (train - middle) / spread}, (target - level) / scale), "train"))
    loop.run()
    score = loop.network.eval()(torch.from_numpy((others - middle) / spread).float()).detach()
    return (torch.sigmoid(score) if task == "classification" else score * scale + level).numpy()


def test_breast_cancer_is_within_a_point_of_the_known_figures():
    matrix, target = datasets.load_breast_cancer(return_X_y=True)
    found: dict[str, list[dict[str, float]]] = {"linear": [], "boosting": [], "network": []}
    for fit, judge in StratifiedKFold(5, shuffle=True, random_state=0).split(matrix, target):
        said = baselines("classification", columns(matrix[fit]), target[fit], columns(matrix[judge]), (), 0)
        said["network"] = network("classification", matrix[fit], target[fit], matrix[judge])
        for name, score in said.items():
            found[name].append(quality("classification", target[judge], score))
    mean = {name: {key: np.mean([fold[key] for fold in folds]) for key in folds[0]} for name, folds in found.items()}
    assert mean["linear"]["accuracy"] == pytest.approx(0.979, abs=0.002)
    assert mean["linear"]["auc"] == pytest.approx(0.9955, abs=0.001)
    assert mean["boosting"]["accuracy"] > 0.95
    assert mean["network"]["accuracy"] > 0.979 - 0.01
    assert mean["network"]["auc"] > 0.9955 - 0.01


def test_diabetes_is_within_a_point_of_the_known_figure():
    matrix, target = datasets.load_diabetes(return_X_y=True)
    found: dict[str, list[float]] = {"linear": [], "boosting": [], "network": []}
    for fit, judge in KFold(5, shuffle=True, random_state=0).split(matrix):
        said = baselines("regression", columns(matrix[fit]), target[fit], columns(matrix[judge]), (), 0)
        said["network"] = network("regression", matrix[fit], target[fit], matrix[judge], epochs=20, weight_decay=0.1)
        for name, value in said.items():
            found[name].append(quality("regression", target[judge], value)["r2"])
    assert np.mean(found["linear"]) == pytest.approx(0.488, abs=0.01)
    assert np.mean(found["network"]) > 0.488 - 0.01


def test_codes_and_missing_numbers_reach_both_baselines():
    random = np.random.default_rng(0)
    code, many, number = random.integers(3, 8, 2000), random.integers(0, 900, 2000), random.normal(size=2000)
    target = ((code % 2 == 0) + number > 0.5).astype(int)
    number[random.random(2000) < 0.2] = np.nan
    table = {"many": many, "code": code, "number": number}
    half = {name: values[:1000] for name, values in table.items()}, {name: v[1000:] for name, v in table.items()}
    unseen = half[1] | {"code": np.where(np.arange(1000) == 0, 99, half[1]["code"])}
    said = baselines("classification", half[0], target[:1000], unseen, {"many", "code"}, 0, np.ones(1000))
    for score in said.values():
        assert score.shape == (1000,)
        assert quality("classification", target[1000:], score)["accuracy"] > 0.8


def test_quality_is_what_the_definitions_say():
    truth, said = np.array([0, 0, 1, 1]), np.array([0.1, 0.6, 0.5, 0.9])
    found = quality("classification", truth, said)
    assert found["accuracy"] == 0.75
    assert found["auc"] == 0.75
    assert found["log_loss"] == pytest.approx(-np.log([0.9, 0.4, 0.5, 0.9]).mean())
    assert "auc" not in quality("classification", np.ones(4), said)
    values = quality("regression", np.array([1.0, 2, 3]), np.array([1.0, 2, 6]))
    assert values == pytest.approx({"rmse": 3**0.5, "mae": 1, "r2": 1 - 9 / 2})

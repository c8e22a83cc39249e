"""Figures of quality by their definitions, their intervals by simulation, the champion on the same rows, slices."""

import numpy as np
import pytest
from sklearn import metrics as oracle

from infra.errors import FalajError
from workloads.lib.release import quality
from workloads.lib.release.interval import Interval, wilson


def classified(rows: int, seed: int, lift: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = random.integers(0, 2, rows)
    return truth, np.clip(truth * lift + random.random(rows) * (1 - lift), 0, 1).round(2)


def test_classification_is_what_scikit_learn_says():
    truth, score = classified(2000, 1)
    found = quality.measure("classification", truth, score)
    held = np.clip(score, 1e-15, 1 - 1e-15)
    assert found["accuracy"] == pytest.approx(oracle.accuracy_score(truth, score >= 0.5), abs=1e-9)
    assert found["auc"] == pytest.approx(oracle.roc_auc_score(truth, score), abs=1e-9)
    assert found["log_loss"] == pytest.approx(oracle.log_loss(truth, held), abs=1e-9)
    assert found["brier"] == pytest.approx(oracle.brier_score_loss(truth, score), abs=1e-9)
    tn, fp, fn, tp = oracle.confusion_matrix(truth, score >= 0.5).ravel().tolist()
    assert found["confusion"] == {"tn": tn, "fp": fp, "fn": fn, "tp": tp}
    assert all(found[f"{name}_low"] <= found[name] <= found[f"{name}_high"] for name in ("accuracy", "auc", "brier"))


def test_regression_is_what_scikit_learn_says():
    random = np.random.default_rng(2)
    truth = random.normal(10, 3, 1000)
    said = truth + random.normal(0, 1, 1000)
    found = quality.measure("regression", truth, said)
    assert found["mae"] == pytest.approx(oracle.mean_absolute_error(truth, said), abs=1e-9)
    assert found["rmse"] == pytest.approx(oracle.root_mean_squared_error(truth, said), abs=1e-9)
    assert found["r2"] == pytest.approx(oracle.r2_score(truth, said), abs=1e-9)
    assert found["pinball_90"] == pytest.approx(oracle.mean_pinball_loss(truth, said, alpha=0.9), abs=1e-9)


def test_delong_covers_the_true_area_95_times_in_100():
    # Scores N(0,1) and N(1,1): the area is the normal distribution's at 1/sqrt(2), 0.76025.
    random, inside = np.random.default_rng(3), 0
    truth = np.repeat([0, 1], 150)
    for _ in range(600):
        found = quality.delong(truth, random.normal(truth, 1))
        inside += found.low <= 0.7602499389 <= found.high
    assert 0.92 <= inside / 600 <= 0.975


def test_wilson_is_the_published_one():
    found = wilson(15, 20)  # 0.531 to 0.888, Brown, Cai and DasGupta's formula
    assert (found.low, found.high) == pytest.approx((0.5313, 0.8881), abs=1e-4)
    assert wilson(0, 10).low == pytest.approx(0, abs=1e-12)


def test_the_better_model_is_seen_and_an_equal_one_is_not():
    truth, ours = classified(3000, 4, 0.45)
    _, theirs = classified(3000, 4, 0.25)
    for metric in ("accuracy", "auc", "log_loss", "brier"):
        found = quality.against("classification", metric, truth, ours, theirs, draws=200)
        assert 0 < found["low"] <= found["value"] <= found["high"]
        assert quality.against("classification", metric, truth, theirs, ours, draws=200)["high"] < 0
        same = quality.against("classification", metric, truth, ours, ours, draws=20)
        assert (same["value"], same["low"], same["high"]) == (0, 0, 0)
    assert quality.against("classification", "auc", truth, ours, theirs, seed=9, draws=50) == quality.against(
        "classification", "auc", truth, ours, theirs, seed=9, draws=50
    )


def test_slices_are_measured_when_large_and_named_when_small():
    truth, score = classified(1000, 5)
    rows = np.arange(1000)
    named = {"first half": rows < 500, "ten": rows < 10, "nobody": rows < 0, "positive": truth == 1}
    found = quality.slices("classification", "auc", truth, score, named, 50)
    assert found["slices"] == {
        "first half": {"n": 500, "value": pytest.approx(oracle.roc_auc_score(truth[:500], score[:500]), abs=1e-9)}
    }
    assert found["suppressed"] == ["nobody", "positive", "ten"]


@pytest.mark.parametrize(
    ("truth", "score"),
    [([], []), ([0, 1], [0.5]), ([0, 1], [0.5, np.nan]), ([0, 2], [0.5, 0.5]), ([0, 1], [0.5, 1.5]), ([1, 1], [1, 1])],
)
def test_what_cannot_be_compared_is_an_error(truth: list[float], score: list[float]):
    with pytest.raises(FalajError, match="RLS-001"):
        quality.measure("classification", np.array(truth), np.array(score))


def test_an_interval_that_straddles_its_limit_decides_nothing():
    gap = Interval(0.08, 0.05, 0.11)
    assert [gap.at_most(limit) for limit in (0.07, 0.10, 0.12)] == ["fail", "indeterminate", "pass"]
    assert [gap.at_least(limit) for limit in (0.09, 0.06, 0.04)] == ["fail", "indeterminate", "pass"]

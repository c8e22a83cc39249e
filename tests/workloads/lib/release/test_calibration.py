"""Calibration of models whose calibration is known."""

import numpy as np
import pytest

from workloads.lib.release import calibration


def drawn(rows: int, stretch: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes drawn from log-odds, and probabilities said from the same odds times `stretch`."""
    random = np.random.default_rng(1)
    odds = random.normal(0, 1.5, rows)
    return (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(int), 1 / (1 + np.exp(-stretch * odds))


def test_what_is_calibrated_measures_so():
    found = calibration.measure("classification", *drawn(100_000))
    assert found["error"] < 0.01
    assert (found["slope"], found["intercept"]) == (pytest.approx(1, abs=0.03), pytest.approx(0, abs=0.03))
    assert [row["n"] for row in found["table"]] == [10_000] * 10


def test_what_says_too_much_has_a_slope_of_one_over_it_and_platt_mends_it():
    truth, score = drawn(100_000, stretch=2.0)
    found = calibration.measure("classification", truth, score)
    assert found["slope"] == pytest.approx(0.5, abs=0.02)
    assert found["error"] > 0.05
    mended = calibration.platt(found["slope"], found["intercept"], score)
    assert calibration.measure("classification", truth, mended)["error"] < 0.01


def test_the_error_is_the_definition():
    truth, score = np.array([0, 1, 1, 1]), np.array([0.1, 0.3, 0.8, 0.8])
    found = calibration.measure("classification", truth, score, bins=2)
    assert [(row["n"], row["said"], row["came"]) for row in found["table"]] == [(2, 0.2, 0.5), (2, 0.8, 1.0)]
    assert found["error"] == pytest.approx((2 * 0.3 + 2 * 0.2) / 4)


def test_equal_scores_stay_together_and_what_is_not_defined_is_null():
    found = calibration.measure("classification", np.array([0, 1] * 50), np.full(100, 0.5))
    assert (len(found["table"]), found["error"], found["slope"]) == (1, 0, None)
    parted = calibration.measure("classification", np.repeat([0, 1], 50), np.repeat([0.2, 0.8], 50))
    assert parted["slope"] is None


def test_a_regression_is_measured_in_its_own_unit():
    said = np.linspace(0, 10, 1000)
    found = calibration.measure("regression", 2 * said + 1, said)
    assert (found["slope"], found["intercept"]) == (pytest.approx(2), pytest.approx(1))
    assert found["error"] == pytest.approx(6)

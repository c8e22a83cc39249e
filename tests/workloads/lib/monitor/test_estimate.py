"""Performance before labels: against the truth that later came, real and drawn."""

import numpy as np
import pandas as pd
import pytest

from infra.errors import FalajError
from tests.workloads.lib.monitor.conftest import columns
from workloads.lib.data.column import Schema
from workloads.lib.monitor.drift import drift
from workloads.lib.monitor.estimate import estimate
from workloads.lib.monitor.performance import performance
from workloads.lib.monitor.profile import Profile, profile
from workloads.lib.release import quality

NOTHING = Schema("nothing", (), key=())


def classified(rows: int, seed: int, middle: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """(outcomes, scores) of a model that says too much: log-odds of twice the size."""
    random = np.random.default_rng(seed)
    odds = random.normal(middle, 1.2, rows)
    return (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(int), 1 / (1 + np.exp(-2 * odds))


def late(rows: int, seed: int, low: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """(delays, what was said of them): the longer, the less sure."""
    random = np.random.default_rng(seed)
    said = random.uniform(low, 60, rows)
    return said + random.laplace(0, 2 + said / 10, rows), said


@pytest.fixture(scope="module")
def overconfident() -> Profile:
    truth, score = classified(20_000, 0)
    return profile("classification", NOTHING, {}, score, truth, "June")


@pytest.fixture(scope="module")
def delays() -> Profile:
    truth, said = late(20_000, 0)
    return profile("regression", NOTHING, {}, said, truth, "June")


@pytest.mark.parametrize(("rows", "middle"), [(300, 0.0), (1000, 1.0), (1000, -0.5)])
def test_the_true_figures_lie_within_95_times_in_100(overconfident: Profile, rows: int, middle: float):
    """Though the scores are not calibrated, and other ones are said."""
    inside, windows = np.zeros(2), 100
    for seed in range(1, windows + 1):
        truth, score = classified(rows, seed, middle)
        found = estimate(overconfident, score, seed=seed)
        for place, metric in enumerate(("accuracy", "auc")):
            one = found[metric]
            inside[place] += one.low <= quality.METRICS["classification"][metric](truth, score) <= one.high
    assert (inside / windows).min() > 0.95 - 3 * (0.05 * 0.95 / windows) ** 0.5


@pytest.mark.parametrize(("rows", "low"), [(300, 0.0), (3000, 40.0)])
def test_the_true_errors_lie_within_95_times_in_100(delays: Profile, rows: int, low: float):
    inside, windows = np.zeros(2), 200
    for seed in range(1, windows + 1):
        truth, said = late(rows, seed, low)
        found = estimate(delays, said)
        for place, metric in enumerate(("mae", "rmse")):
            one = found[metric]
            inside[place] += one.low <= quality.METRICS["regression"][metric](truth, said) <= one.high
    assert (inside / windows).min() > 0.95 - 3 * (0.05 * 0.95 / windows) ** 0.5


def test_the_estimate_is_the_closed_form(overconfident: Profile):
    _, score = classified(50_000, 3, 0.7)
    answers = overconfident.answers
    p = np.interp(score, answers.said, answers.came)
    found = estimate(overconfident, score)["accuracy"]
    assert found.value == pytest.approx(np.where(score >= 0.5, p, 1 - p).mean(), abs=0.001)
    assert found == estimate(overconfident, score)["accuracy"]


def test_harder_rows_are_foreseen_to_be_worse(delays: Profile):
    _, said = late(2000, 1, 40.0)
    assert {name: one.worse for name, one in estimate(delays, said).items()} == {"mae": True, "rmse": True}
    _, same = late(2000, 1)
    assert not any(one.worse for one in estimate(delays, same).values())


@pytest.mark.parametrize("year", [2016, 2017, 2018])
def test_the_real_years_are_foreseen(years: dict[int, pd.DataFrame], of_2015: Profile, year: int):
    rows = years[year]
    truth, said = rows["employed"].to_numpy(), rows["predicted_probability"].to_numpy()
    found = estimate(of_2015, said)
    for metric in ("accuracy", "auc"):
        true = performance("classification", truth, said, of_2015, metric=metric)
        assert found[metric].low <= true.value <= found[metric].high
        assert abs(found[metric].value - true.value) < 0.003
        assert not true.worse
        assert not found[metric].worse
    if year == 2018:
        assert true.value == pytest.approx(0.90570, abs=5e-6)


def test_another_truth_is_told_from_other_data(years: dict[int, pd.DataFrame], of_2015: Profile):
    """2018 with every seventh answer turned: columns and scores are as ever, so no estimate sees it; labels do."""
    rows = years[2018]
    said, seen = rows["predicted_probability"].to_numpy(), drift(of_2015, columns(rows), rows["predicted_probability"])
    turned = np.where(np.arange(len(rows)) % 7, rows["employed"], 1 - rows["employed"])
    assert not estimate(of_2015, said)["accuracy"].worse
    found = performance("classification", turned, said, of_2015, seen)
    assert (found.worse, found.kind) == (True, "concept")
    older = rows.assign(AGEP=np.minimum(rows["AGEP"] + 30, 99))
    assert performance("classification", turned, said, of_2015, drift(of_2015, columns(older), said)).kind == "data"
    unsure = np.clip(said, 0.3, 0.7)
    moved = drift(of_2015, columns(rows), unsure)
    assert performance("classification", turned, unsure, of_2015, moved).kind == "prediction"
    assert performance("classification", turned, said, of_2015).kind is None


def test_a_figure_is_worse_by_chance_once_in_a_hundred_windows(overconfident: Profile):
    """The profile is large, so that it is the window that varies; no floor hides it."""
    draws, floor = 1000, 0.0
    worse = sum(
        performance("classification", *classified(400, seed), overconfident, floor=floor).worse
        for seed in range(1, draws + 1)
    )
    assert worse / draws <= 0.01 + 3 * (0.01 * 0.99 / draws) ** 0.5


def test_what_is_worse_by_little_is_not_worse(overconfident: Profile):
    truth, score = classified(200_000, 9)
    some = np.where(np.arange(len(truth)) % 28 == 0, 1 - truth, truth)
    found = performance("classification", some, score, overconfident)
    assert found.high < found.reference - 0.005
    assert not found.worse
    assert performance("classification", some, score, overconfident, floor=0.01).worse


def test_errors(overconfident: Profile, delays: Profile):
    truth, score = classified(100, 1)
    with pytest.raises(FalajError, match="MON-001 performance: the profile is of a regression"):
        performance("classification", truth, score, delays)
    with pytest.raises(FalajError, match="MON-004 metric rmse"):
        performance("classification", truth, score, overconfident, metric="rmse")
    with pytest.raises(FalajError, match="RLS-001"):
        performance("classification", np.ones(100), score, overconfident)
    with pytest.raises(FalajError, match="MON-002 estimate: none of the window's 3 scores"):
        estimate(delays, np.full(3, np.nan))
    assert estimate(overconfident, np.array([0.99])).keys() >= {"accuracy"}

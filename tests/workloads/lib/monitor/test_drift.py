"""Drift of made-up and of real windows: what must alarm, what must not, and how often chance does."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import FalajError
from tests.workloads.lib.monitor.conftest import columns
from workloads.lib.data.column import Column, Schema
from workloads.lib.fingerprint import canonical
from workloads.lib.monitor import bins
from workloads.lib.monitor.drift import drift
from workloads.lib.monitor.profile import Profile, profile

WEATHER = Schema(
    "weather",
    (
        Column("temp", "", "number", nullable=True),
        Column("rain", "", "number"),
        Column("age", "", low=0, high=99),
        Column("place", "", "text"),
        Column("at", "", "instant"),
    ),
    key=(),
)


def window(rows: int, seed: int, move: float = 0.0) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    return {
        "temp": np.where(random.random(rows) < 0.02, np.nan, random.normal(move, 1, rows)),
        "rain": np.maximum(0, random.normal(-1, 1, rows)),
        "age": random.integers(0, 100, rows),
        "place": random.choice(np.array(["a", "b", "c", "d"]), rows, p=(0.6, 0.3, 0.09, 0.01)),
        "at": np.arange(rows).astype("datetime64[us]"),
    }


def scores(rows: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed + 1000).beta(2, 3, rows)


@pytest.fixture(scope="module")
def june() -> Profile:
    rows, said = 100_000, scores(100_000, 0)
    truth = (np.random.default_rng(0).random(rows) < said).astype(int)
    return profile("classification", WEATHER, window(rows, 0), said, truth, "June")


@pytest.mark.parametrize(("mean", "psi", "ks"), [(0.25, 0.0598, 0.0995), (0.5, 0.2377, 0.1974), (1, 0.9261, 0.3829)])
def test_a_column_that_moved_has_the_closed_form(june: Profile, mean: float, psi: float, ks: float):
    found = drift(june, window(200_000, 1, mean), scores(200_000, 1))
    noise = (1 / 100_000 + 1 / 200_000) ** 0.5
    assert found.columns["temp"].psi == pytest.approx(0.98 * psi, abs=8 * psi**0.5 * noise)  # 2 % are nulls
    assert found.columns["temp"].ks == pytest.approx(ks, abs=2 * noise)
    assert found.alarms == (("data:temp",) if psi > 0.1 else ())
    assert found.columns["temp"].level == ("major" if psi > 0.1 else "minor")
    assert "at" not in found.columns


@pytest.mark.e2e
@pytest.mark.long
@pytest.mark.parametrize("rows", [60, 500, 5_000])
def test_an_alarm_of_any_column_is_false_once_in_a_hundred_windows(june: Profile, rows: int):
    """Family-wise, with no floor that would hide it; the profile is drawn anew for each window, too."""
    draws, data, score = 1000, 0, 0
    for seed in range(draws):
        found = drift(counted(june, 20_000, 10_000 + seed), window(rows, seed), scores(rows, seed), floor=0.0)
        data, score = data + bool(found.data), score + found.score.alarm
    assert data / draws <= 0.01 + 3 * (0.01 * 0.99 / draws) ** 0.5
    assert score / draws <= 0.01 + 3 * (0.01 * 0.99 / draws) ** 0.5


def counted(like: Profile, rows: int, seed: int) -> Profile:
    """The profile with the columns and scores of other rows."""
    kinds = {column.name: column.kind for column in WEATHER.columns}
    found = {name: bins.fit(name, kinds[name], values) for name, values in window(rows, seed).items() if name != "at"}
    return like.model_copy(update={"columns": found, "scores": bins.fit("score", "number", scores(rows, seed))})


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("temp", np.full(1000, np.nan)),
        ("temp", np.full(1000, 3.0)),
        ("rain", np.full(1000, np.inf)),
        ("age", np.full(1000, 200)),
        ("place", np.full(1000, "elsewhere")),
        ("place", np.array([None] * 1000)),
    ],
)
def test_a_column_that_is_empty_or_new_in_every_row_alarms(june: Profile, name: str, column: np.ndarray):
    found = drift(june, window(1000, 3) | {name: column}, scores(1000, 3))
    assert found.alarms == (f"data:{name}",)
    assert found.columns[name].nulls + found.columns[name].unseen == (0 if column[0] == 3.0 else 1)


def test_a_new_code_alarms_by_its_share(june: Profile):
    place = window(10_000, 4)["place"].astype(object)
    for share, alarms in ((0.002, ()), (0.2, ("data:place",))):
        some = np.where(np.arange(10_000) < share * 10_000, "new", place)
        found = drift(june, window(10_000, 4) | {"place": some}, scores(10_000, 4))
        assert (found.columns["place"].unseen, found.alarms) == (share, alarms)


def test_answers_that_moved_alarm_by_themselves(june: Profile):
    found = drift(june, window(2000, 5), scores(2000, 5) ** 2)
    assert found.alarms == ("prediction",)
    none = drift(june, window(2000, 5), np.full(2000, np.nan))
    assert (none.score.nulls, none.alarms) == (1, ("prediction",))


def test_a_small_window_needs_a_larger_shift(june: Profile):
    limits = [drift(june, window(rows, 6), scores(rows, 6)).columns["temp"].limit for rows in (100, 1000, 50_000)]
    assert limits[0] > 2 * limits[1] - 0.1
    assert limits[1:] == [0.1, 0.1]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(0, 10**6))
def test_any_small_window_is_told_of_as_json(june: Profile, rows: int, seed: int):
    found = drift(june, window(rows, seed), scores(rows, seed))
    assert canonical(found.as_dict())
    shuffled = np.random.default_rng(0).permutation(rows)
    again = drift(june, {k: v[shuffled] for k, v in window(rows, seed).items()}, scores(rows, seed)[shuffled])
    assert again == found


@pytest.mark.parametrize(
    ("spoilt", "error"),
    [
        ({"temp": np.arange(9.0)}, "MON-001 column temp: it has 9 rows, the scores 10"),
        ({"temp": np.array(["warm"] * 10)}, "MON-001 column temp: it holds other than a number"),
    ],
)
def test_another_column_than_the_profiles_is_an_error(june: Profile, spoilt: dict[str, Any], error: str):
    with pytest.raises(FalajError, match=error):
        drift(june, window(10, 0) | spoilt, scores(10, 0))


def test_a_missing_column_and_an_empty_window_are_errors(june: Profile):
    with pytest.raises(FalajError, match="MON-001 column rain: it is not among temp"):
        drift(june, {"temp": np.zeros(3)}, scores(3, 0))
    with pytest.raises(FalajError, match="MON-002 drift: the window has no rows, the profile of June 100,000"):
        drift(june, window(0, 0), scores(0, 0))


@pytest.mark.parametrize("year", [2016, 2017, 2018])
def test_the_real_years_raise_no_alarm(years: dict[int, pd.DataFrame], of_2015: Profile, year: int):
    rows = years[year]
    found = drift(of_2015, columns(rows), rows["predicted_probability"].to_numpy())
    assert found.alarms == ()
    assert found.columns["ANC"].level == "minor"  # ancestry was asked otherwise, and 70,000 rows tell
    assert max(shift.psi for shift in found.columns.values()) < 0.015


def test_the_control_age_by_tenths(years: dict[int, pd.DataFrame]):
    age = Schema("age", (Column("AGEP", "Age", "integer"),), key=())
    sides = [(part["AGEP"].to_numpy(), part["predicted_probability"].to_numpy()) for part in years.values()]
    truth = years[2015]["employed"].to_numpy()
    reference = profile("classification", age, {"AGEP": sides[0][0]}, sides[0][1], truth, "2015")
    found = drift(reference, {"AGEP": sides[-1][0]}, sides[-1][1])
    assert found.columns["AGEP"].psi == pytest.approx(0.0034, abs=5e-5)
    assert found.columns["AGEP"].level == "minor"
    assert not found.alarms

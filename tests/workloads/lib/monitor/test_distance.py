"""Distances by their closed forms and by scipy; false alarms by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from workloads.lib.monitor import distance

COUNTS = st.integers(2, 30).flatmap(
    lambda cells: st.tuples(*(st.lists(st.integers(0, 5000), min_size=cells, max_size=cells).filter(any),) * 2)
)


@pytest.mark.parametrize(
    ("mean", "psi", "ks"), [(0.1, 0.0096, 0.0399), (0.25, 0.0598, 0.0995), (0.5, 0.2377, 0.1974), (1, 0.9261, 0.3829)]
)
def test_a_normal_distribution_that_moves_has_the_closed_forms(mean: float, psi: float, ks: float):
    rows = 10**12
    tenths = [stats.norm.ppf(np.arange(11) / 10), np.full(10, rows // 10)]
    moved = np.diff(stats.norm.cdf(tenths[0] - mean)) * rows
    assert distance.psi(tenths[1], moved) == pytest.approx(psi, abs=5e-5)
    edges = np.sort(np.append(stats.norm.ppf(np.arange(1001) / 1000), mean / 2))
    fine, moved = (np.diff(stats.norm.cdf(edges - by)) * rows for by in (0, mean))
    assert distance.kolmogorov(fine, moved)[0] == pytest.approx(2 * stats.norm.cdf(mean / 2) - 1, abs=1e-9)
    assert distance.kolmogorov(fine, moved)[0] == pytest.approx(ks, abs=5e-5)


@pytest.mark.parametrize(("rows", "level"), [(500, 0.0435), (5_000, 0.00455), (50_000, 0.00065)])
def test_the_level_follows_from_the_rows(rows: int, level: float):
    assert distance.level(10, 100_000, rows, 0.01) == pytest.approx(level, rel=2e-3)


SHAPES = {"tenths": np.full(10, 0.1), "ages": np.full(100, 0.01), "rare": 1 / np.arange(1, 51) / 4.4992053383}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("rows", [50, 500, 5_000, 50_000])
def test_where_nothing_changed_one_window_in_a_hundred_is_significant(shape: str, rows: int):
    random, draws = np.random.default_rng(rows), 1500
    sides = (random.multinomial(of, SHAPES[shape], draws) for of in (100_000, rows))
    p = [distance.chi_square(*distance.merged(m, n))[1] for m, n in zip(*sides, strict=True)]
    assert np.mean(np.array(p) < 0.01) == pytest.approx(0.01, abs=4 * (0.01 * 0.99 / draws) ** 0.5)


@pytest.mark.parametrize(("rows", "nominal"), [(500, 0.012), (5_000, 0.009), (50_000, 0.011)])
def test_the_level_of_tenths_is_exceeded_as_often_as_it_says(rows: int, nominal: float):
    random, draws = np.random.default_rng(7), 4000
    over = [
        distance.psi(m, n) > distance.level(10, 100_000, rows, 0.01)
        for m, n in zip(*(random.multinomial(of, SHAPES["tenths"], draws) for of in (100_000, rows)), strict=True)
    ]
    assert np.mean(over) == pytest.approx(nominal, abs=4 * (0.01 * 0.99 / draws) ** 0.5)


@given(COUNTS)
def test_any_counts(both: tuple[list[int], list[int]]):
    m, n = (np.array(counts) for counts in both)
    assert distance.psi(m, n) == pytest.approx(distance.psi(n, m))
    assert distance.psi(m, n) >= 0
    assert distance.psi(m + 1, 3 * (m + 1)) == pytest.approx(0)
    assert distance.jensen_shannon(m, n) == pytest.approx(jensenshannon(m, n, base=2), abs=1e-7)
    there = m + n > 0
    if there.sum() > 1:
        oracle = stats.chi2_contingency(np.stack([m, n])[:, there], correction=False)
        assert distance.chi_square(m[there], n[there]) == pytest.approx((oracle.statistic, oracle.pvalue))
    small, large = distance.merged(m, n)
    assert (small.sum(), large.sum()) == (m.sum(), n.sum())
    if len(small) > 1:
        assert ((small + large) * min(m.sum(), n.sum()) / (m.sum() + n.sum()) >= distance.EXPECTED - 1e-9).all()
        assert ((small / m.sum() + large / n.sum()) / 2 >= distance.SHARE - 1e-9).all()


VALUES = st.lists(st.integers(0, 40), min_size=2, max_size=300)


@given(VALUES, VALUES)
def test_kolmogorov_is_scipys_where_bins_are_the_values(first: list[int], second: list[int]):
    counts = (np.bincount(values, minlength=41) for values in (first, second))
    oracle = stats.ks_2samp(first, second, method="asymp")
    assert distance.kolmogorov(*counts) == pytest.approx((oracle.statistic, oracle.pvalue), abs=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(0.001, 0.2))
def test_holm_rejects_what_stepping_down_does(p: list[float], alpha: float):
    rejected: set[int] = set()
    for left, place in zip(range(len(p), 0, -1), sorted(range(len(p)), key=lambda one: p[one]), strict=True):
        if p[place] * left > alpha:
            break
        rejected.add(place)
    assert {place for place, value in enumerate(distance.holm(p)) if value <= alpha} == rejected
    assert distance.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert distance.holm([]) == []

import numpy as np
import pytest

from infra.errors import FalajError
from workloads.lib.experiment.srm import LEVEL, mismatch


def test_reference_values() -> None:
    # Chi-square of 50 on 500 and 500 is 10 for one degree of freedom: p = 0.0015654.
    assert mismatch({"a": 550, "b": 450}, {"a": 1, "b": 1}) == pytest.approx(0.0015654, abs=1e-7)
    assert mismatch({"a": 800, "b": 200}, {"a": 0.8, "b": 0.2}) == pytest.approx(1)
    assert mismatch({}, {"a": 1, "b": 1}) == 1
    assert mismatch({"b": 60}, {"a": 1, "b": 1}) < LEVEL


def test_true_splits_are_blocked_at_the_level_and_one_of_a_hundred_lost_is_found_at_100_000() -> None:
    random = np.random.default_rng(2)
    p = np.array([mismatch({"a": n, "b": 10_000 - n}, {"a": 1, "b": 1}) for n in random.binomial(10_000, 0.5, 4000)])
    assert (p < 0.01).mean() == pytest.approx(0.01, abs=3 * (0.01 * 0.99 / 4000) ** 0.5)
    assert mismatch({"a": 50_000, "b": 48_500}, {"a": 1, "b": 1}) < LEVEL


def test_subjects_where_no_weight_is_are_an_error() -> None:
    for counts, weights in (({"c": 1}, {"a": 1, "b": 1}), ({"a": 1}, {"a": 1, "b": 0})):
        with pytest.raises(FalajError, match="EXP-001"):
            mismatch(counts, weights)

import numpy as np
import pytest
from scipy.stats import ttest_ind

from infra.errors import FalajError
from workloads.lib.experiment.fixed import analyse, subjects_needed


def test_it_is_welchs_test() -> None:
    random = np.random.default_rng(4)
    first, second = random.normal(0, 1, 300), random.normal(0.2, 2, 500)
    found, theirs = analyse(first, second), ttest_ind(second, first, equal_var=False)
    assert found.p == pytest.approx(theirs.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval()))
    assert found.difference == pytest.approx(second.mean() - first.mean())


def test_with_as_many_subjects_as_needed_the_effect_is_found_four_times_of_five() -> None:
    random = np.random.default_rng(6)
    needed = subjects_needed(random.normal(0, 1, 10_000), 0.3)
    arm = needed // 2
    hits = sum(analyse(random.normal(0, 1, arm), random.normal(0.3, 1, arm)).p < 0.05 for _ in range(300))
    assert hits / 300 == pytest.approx(0.8, abs=3 * (0.8 * 0.2 / 300) ** 0.5)


def test_too_little_is_an_error() -> None:
    for wrong in (lambda: analyse([1], [1, 2]), lambda: subjects_needed([1, 2], 0), lambda: subjects_needed([1, 1], 1)):
        with pytest.raises(FalajError, match="EXP-001"):
            wrong()

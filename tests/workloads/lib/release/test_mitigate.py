"""Mitigation: weights that part outcome from group exactly, one threshold for all, and one for each group."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import FalajError
from workloads.lib.release import mitigate

COUNTS = st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), min_size=2, max_size=5)


@given(counts=COUNTS)
def test_weighed_groups_have_the_same_share(counts: list[tuple[int, int]]):
    member = np.concatenate([np.full(no + yes, f"g{place}") for place, (no, yes) in enumerate(counts)])
    truth = np.concatenate([np.repeat([0, 1], pair) for pair in counts])
    weights = mitigate.reweigh(truth, member)
    shares = [np.average(truth[member == name], weights=weights[member == name]) for name in np.unique(member)]
    assert shares == pytest.approx([truth.mean()] * len(shares), abs=1e-12)
    assert weights.sum() == pytest.approx(len(truth))


def test_weights_are_aif360s():
    import pandas as pd
    from aif360.algorithms.preprocessing import Reweighing
    from aif360.datasets import BinaryLabelDataset

    random = np.random.default_rng(1)
    truth, member = random.integers(0, 2, 500), random.integers(0, 2, 500)
    table = BinaryLabelDataset(
        df=pd.DataFrame({"y": truth, "g": member}), label_names=["y"], protected_attribute_names=["g"]
    )
    made = Reweighing([{"g": 0}], [{"g": 1}]).fit_transform(table)
    assert mitigate.reweigh(truth, member) == pytest.approx(made.instance_weights, abs=1e-12)


def test_a_group_with_one_outcome_cannot_be_weighed():
    with pytest.raises(FalajError, match=r"RLS-002.*group b.*outcome 0"):
        mitigate.reweigh(np.array([0, 1, 1]), np.array(["a", "a", "b"]))


def scored() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(2)
    member = random.choice(["a", "b"], 6000)
    truth = random.integers(0, 2, 6000)
    return truth, np.clip(random.normal(0.35 + 0.3 * truth + 0.12 * (member == "b"), 0.15), 0, 1), member


def test_one_threshold_keeps_the_limits_at_the_greatest_accuracy():
    truth, score, member = scored()
    free = mitigate.threshold(truth, score, member, min_group=50, limits={})
    held = mitigate.threshold(truth, score, member, min_group=50, limits={"max_equal_opportunity_difference": 0.05})
    assert free
    assert held
    assert free["gaps"]["equal_opportunity_difference"] > 0.05 >= held["gaps"]["equal_opportunity_difference"]
    assert held["accuracy"] < free["accuracy"]
    assert held["uses_attribute"] is False
    limits = {"max_equal_opportunity_difference": 0.0, "min_selection_rate_ratio": 1.0}
    assert mitigate.threshold(truth, score, member, min_group=50, limits=limits) is None


def test_thresholds_by_group_say_that_they_are():
    found = mitigate.by_group(*scored(), "true_positive_rate_parity")
    assert found["uses_attribute"] is True
    assert sorted(found["groups"]) == ["a", "b"]
    assert all(sum(part["share"] for part in parts) == pytest.approx(1) for parts in found["groups"].values())

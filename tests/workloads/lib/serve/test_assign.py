import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.stats import chisquare

from infra.errors import FalajError
from workloads.lib.object_store import ObjectStore
from workloads.lib.serve.assign import Assignment, assign, key, place, pseudonym
from workloads.lib.serve.plan import STAGES, Arm, Plan

KEY = bytes(range(32))
A, B, C = (Arm(name=name, model=f"sha256:{digit * 64}") for name, digit in (("a", "1"), ("b", "2"), ("c", "3")))


def plan(*weights: float, **changes: object) -> Plan:
    arms = tuple(arm.model_copy(update={"weight": w}) for arm, w in zip((A, B, C), weights, strict=False))
    return Plan.model_validate({"experiment": "x", "arms": arms, **changes})


@pytest.mark.parametrize("weights", [(1, 1), (0.8, 0.2), (5, 3, 2)])
def test_the_weights_hold_at_100_000_subjects(weights: tuple[float, ...]) -> None:
    drawn = Counter(assign(KEY, plan(*weights), f"subject-{n}").arm for n in range(100_000))
    expected = [100_000 * weight / sum(weights) for weight in weights]
    assert chisquare([drawn[arm] for arm in "abc"[: len(weights)]], expected).pvalue > 0.001


def test_stage_holdout_and_arm_are_drawn_apart_and_hold_at_100_000_subjects() -> None:
    found = [assign(KEY, plan(0, 1, stage=5, holdout=0.1), f"s{n}") for n in range(100_000)]
    reasons = Counter(one.reason for one in found)
    expected = {"holdout": 10_000, "experiment": 4_500, "stage": 85_500}
    assert chisquare([reasons[name] for name in expected], list(expected.values())).pvalue > 0.001
    assert {one.arm for one in found if one.exposed} == {"b"}
    assert {one.arm for one in found if not one.exposed} == {"a"}


def test_a_higher_stage_moves_nobody_who_is_in_and_the_held_out_stay_so() -> None:
    subjects = [f"s{n}" for n in range(4000)]
    stages = [{s: assign(KEY, plan(1, 1, stage=stage, holdout=0.2), s) for s in subjects} for stage in STAGES]
    for before, after in pairwise(stages):
        assert all(after[s] == one for s, one in before.items() if one.exposed or one.reason == "holdout")
    assert not any(one.exposed for one in stages[0].values())
    other = plan(1, 1, holdout=0.2).model_copy(update={"experiment": "y"})
    assert all((assign(KEY, other, s).reason == "holdout") == (stages[0][s].reason == "holdout") for s in subjects)
    moved = sum(assign(KEY, other, s).arm != stages[-1][s].arm for s in subjects) / len(subjects)
    assert moved == pytest.approx(0.4, abs=0.05)  # half of the eight in ten who are drawn anew


def test_another_process_draws_the_same_and_another_key_does_not() -> None:
    script = (
        "from tests.workloads.lib.serve.test_assign import *;"
        "print(''.join(assign(KEY, plan(1, 1), f's{n}').arm for n in range(300)))"
    )
    there = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    assert there == "".join(assign(KEY, plan(1, 1), f"s{n}").arm for n in range(300))
    assert there != "".join(assign(bytes(32), plan(1, 1), f"s{n}").arm for n in range(300))


@given(st.text(), st.text(min_size=1, max_size=20), st.text())
def test_any_text_is_a_subject(purpose: str, experiment: str, subject: str) -> None:
    assert 0 <= place(KEY, purpose, experiment, subject) < 1
    assert len(pseudonym(KEY, subject)) == 32
    assert subject == "" or subject not in pseudonym(KEY, subject) or len(subject) < 5
    assert assign(KEY, plan(1, 2, 3), subject) == assign(KEY, plan(1, 2, 3), subject)


def test_the_key_is_made_once_and_kept(store: ObjectStore) -> None:
    assert len(key(store)) == 32
    assert key(store) == key(store)


def test_a_plan_says_what_is_wrong_with_it_and_goes_its_stages() -> None:
    for wrong, why in (
        ({"stage": 30}, "stage is 30"),
        ({"shadows": (A,)}, "two arms have one name: a, a"),
        ({"arms": ()}, "at least 1"),
    ):
        with pytest.raises(ValidationError, match=why):
            plan(1, **wrong)
    with pytest.raises(ValidationError, match="no arm has a weight"):
        plan(0, 0)
    with pytest.raises(FalajError, match=r"SRV-003.*there are a, b"):
        plan(1, 1).arm("z")
    stages, one = [0], plan(1, 1).rolled_back()
    assert assign(KEY, one, "s") == Assignment("a", exposed=False, reason="stage")
    while (further := one.advanced()) != one:
        stages.append(further.stage)
        one = further
    assert tuple(stages) == STAGES
    promoted = plan(1, 1).promoted("b", "decision")
    assert [(arm.name, arm.decision) for arm in promoted.arms] == [("b", "decision")]
    assert promoted.digest != plan(1, 1).digest

"""Looks at logs as the dispatcher writes them; `test_dispatcher` holds that it writes them so."""

import json
import math
from typing import Any

import numpy as np
import pytest

from workloads.lib.experiment.decide import Look, decide, followed
from workloads.lib.experiment.guardrail import NO_NUMBER, Limits, breaches, p99
from workloads.lib.experiment.outcomes import closeness, join
from workloads.lib.experiment.sequential import planned
from workloads.lib.serve.plan import Arm, Plan

PLAN = Plan(
    experiment="x",
    arms=(Arm(name="old", model=f"sha256:{'1' * 64}"), Arm(name="new", model=f"sha256:{'2' * 64}")),
    stage=25,
)
RHO = planned(0.5, 1000)


def log(rows: int, seed: int = 0, new: float = 0.5, **changes: Any) -> list[dict[str, Any]]:
    """Half of the requests with each arm, one a subject; the newer arm with changes in every tenth of its records."""
    random = np.random.default_rng(seed)
    records: list[dict[str, Any]] = []
    for number in range(rows):
        arm = "new" if random.random() < new else "old"
        record = {
            "request": f"{number}",
            "subject": f"s{number}",
            "experiment": "x",
            "arm": arm,
            "exposed": True,
            "prediction": float(random.random()),
            "latency_ms": float(random.gamma(4, 2)),
            "error": None,
        }
        records.append(record | (changes if arm == "new" and random.random() < 0.1 else {}))
    return records


def labels(records: list[dict[str, Any]], old: float, new: float) -> dict[str, float]:
    """Labels that agree with the prediction as often as said."""
    random, agree = np.random.default_rng(9), {"old": old, "new": new}
    return {
        r["request"]: float((r["prediction"] >= 0.5) == (random.random() < agree[r["arm"]]))
        for r in records
        if r["prediction"] is not None
    }


def look(records: list[dict[str, Any]], known: dict[str, float] | None = None, **changes: Any) -> Look:
    return decide(PLAN, "new", records, join(records, known or {}, "x"), RHO, **changes)


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ({"error": "ValueError: x", "prediction": None}, "error rate"),
        ({"error": NO_NUMBER, "prediction": None}, "share of null predictions"),
        ({"latency_ms": 900.0}, "share over 250 ms"),
    ],
)
def test_each_guardrail_rolls_back_at_once(fault: dict[str, Any], name: str) -> None:
    found = look(log(400, **fault))
    assert found.verdict == "rollback"
    assert any(why.startswith(name) for why in found.why)
    assert followed(PLAN, found).stage == 0


def test_a_shift_of_the_scores_rolls_back_and_a_small_one_does_not() -> None:
    records = log(1000)
    shifted = [r | {"prediction": r["prediction"] ** 3} if r["arm"] == "new" else r for r in records]
    assert look(shifted).why[0].startswith("shift of predictions is 0.3")
    slightly = [r | {"prediction": r["prediction"] ** 1.1} if r["arm"] == "new" else r for r in log(20_000)]
    assert breaches(slightly, "old", "new", Limits()) == []


def test_a_healthy_arm_is_let_further_in_and_false_alarms_are_rare() -> None:
    found = look(log(600))
    assert (found.verdict, found.stage) == ("continue", 50)
    assert followed(PLAN, found).stage == 50
    assert look(log(300)).stage == 25
    assert all(not breaches(log(400, seed=seed), "old", "new", Limits()) for seed in range(60))
    few = [r | {"error": "x", "prediction": None} for r in log(2) if r["arm"] == "new"]
    assert breaches(few[:1], "old", "new", Limits()) == []


def test_better_asks_for_promotion_worse_rolls_back_and_neither_goes_on() -> None:
    records = log(4000)
    found = look(records, labels(records, old=0.7, new=0.8))
    assert found.verdict == "promote-request"
    assert found.stage == PLAN.stage  # what it asks for is the gate's to give
    assert look(records, labels(records, old=0.8, new=0.7)).verdict == "rollback"
    same = labels(records, old=0.7, new=0.7)
    assert look(records, same).verdict == "continue"
    assert look(records, same, margin=0.1).verdict == "promote-request"


def test_a_sample_ratio_mismatch_blocks_what_would_have_been_a_promotion_but_no_rollback() -> None:
    records = log(4000, new=0.4)
    found = look(records, labels(records, old=0.7, new=0.85))
    assert found.verdict == "continue"
    assert found.why[0].startswith("blocked: ")
    assert found.srm
    assert found.srm < 0.001
    assert look(log(4000, new=0.4, error="x", prediction=None)).verdict == "rollback"


def test_the_record_is_json_with_a_digest_and_no_infinity() -> None:
    said = look(log(50)).as_dict()
    json.loads(json.dumps(said, allow_nan=False))
    assert said["interval"]["low"] is None
    assert said["digest"].startswith("sha256:")
    assert said["plan"] == PLAN.digest


def test_late_labels_are_joined_by_request_and_a_subject_counts_once() -> None:
    records = [r | {"subject": f"s{int(r['request']) // 4}", "arm": "old"} for r in log(8)]
    records += [{**records[0], "request": "a", "experiment": "y"}, {**records[0], "request": "b", "exposed": False}]
    records += [{**records[0], "request": "c", "subject": None, "arm": "new"}]
    records += [{**records[0], "request": "d", "prediction": None, "error": "x"}]
    known = {
        r["request"]: r["prediction"] - 0.25 for r in records if r["prediction"] is not None and r["request"] != "7"
    }
    found = join(records, known | {"z": 1.0}, "x", closeness)
    assert found.subjects == {"old": 2, "new": 1}
    assert found.of("old") == pytest.approx([-0.25, -0.25])
    assert found.values["new"].keys() == {"c"}
    assert (found.unlabelled, found.unknown) == (1, 3)
    assert join(records, {}, "x").values == {}


def test_p99_of_an_arm() -> None:
    records = [{"arm": "a", "latency_ms": float(n)} for n in range(101)]
    assert p99(records, "a") == 99
    assert math.isnan(p99(records, "b"))

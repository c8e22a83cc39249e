"""The dispatcher with real models in this process; an arm that fails or is slow is a real model that is made to."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from infra.errors import FalajError
from tests.workloads.lib.serve.conftest import ROW, Models
from workloads.lib.object_store import ObjectStore
from workloads.lib.serve import dispatcher as module
from workloads.lib.serve.assign import assign
from workloads.lib.serve.dispatcher import Asked, Busy, Dispatcher
from workloads.lib.serve.log import RequestLog, read
from workloads.lib.serve.plan import Arm, Plan

KEY = bytes(range(32))
TYPED = {**ROW, "sched": datetime(2013, 7, 4, 17, tzinfo=UTC)}
Fault = Callable[[], Coroutine[Any, Any, None]]


def plan(models: Models, **changes: Any) -> Plan:
    arms = (Arm(name="old", model=models.champion), Arm(name="new", model=models.challenger))
    return Plan.model_validate({"experiment": "x", "arms": arms, **changes})


def run(
    models: Models, store: ObjectStore, plan: Plan, asked: list[Asked], seconds: float = 10, **faults: Fault
) -> tuple[list[Any], list[dict[str, Any]], Dispatcher]:
    """(answers and errors, log, dispatcher) of these requests, all at once."""
    scorers = {digest: models.scorer(digest) for digest in plan.models()}

    async def ask(arm: Arm, row: Mapping[str, Any]) -> tuple[float, str, str]:
        if arm.name in faults:
            await faults[arm.name]()
        scorer = scorers[arm.model]
        return scorer.score([row])[0], scorer.model, scorer.features

    async def all_of_them() -> list[Any]:
        found = await asyncio.gather(*(dispatcher.answer(one) for one in asked), return_exceptions=True)
        await asyncio.gather(*dispatcher.copies)
        return found

    log = RequestLog(store, "late")
    dispatcher = Dispatcher(plan, KEY, log, ask, seconds)
    found = asyncio.run(all_of_them())
    log.close()
    return found, list(read(store, "late")), dispatcher


async def fails() -> None:
    raise ValueError("no such thing")


async def sleeps() -> None:
    await asyncio.sleep(10)


async def is_busy() -> None:
    raise Busy("its queue is full")


def test_the_answer_is_the_arms_and_the_log_says_all_of_it_and_no_more(models: Models, store: ObjectStore) -> None:
    asked = [Asked(TYPED, f"subject-{n}") for n in range(60)]
    found, log, _ = run(models, store, plan(models, logged=("month", "sched")), asked)
    assert [one.arm for one in found] == [assign(KEY, plan(models), str(one.subject)).arm for one in asked]
    assert {one.arm for one in found} == {"old", "new"}
    by_request = {record["request"]: record for record in log}
    for one in found:
        scorer = models.scorer(one.model)
        record = by_request[one.request]
        assert one.prediction == scorer.score([TYPED])[0]
        assert record["prediction"] == one.prediction
        assert (record["arm"], record["model"], record["features"]) == (one.arm, one.model, scorer.features)
        assert (record["exposed"], record["reason"], record["stage"], record["error"]) == (
            True,
            "experiment",
            100,
            None,
        )
        assert record["latency_ms"] > 0
        assert record["row"] == {"month": 7, "sched": "2013-07-04T17:00:00+00:00"}
    assert len({record["subject"] for record in log}) == 60
    assert not any("subject-" in str(record) for record in log)


def test_without_a_subject_each_request_is_drawn_and_none_is_named(models: Models, store: ObjectStore) -> None:
    found, log, _ = run(models, store, plan(models), [Asked(TYPED)] * 80)
    assert min(Counter(one.arm for one in found).values()) > 15
    assert {record["subject"] for record in log} == {None}
    assert all("row" not in record for record in log)


@pytest.mark.parametrize("fault", [fails, sleeps])
def test_when_a_newer_arm_fails_the_champion_answers_and_both_are_logged(
    models: Models, store: ObjectStore, fault: Fault
) -> None:
    found, log, _ = run(models, store, plan(models), [Asked(TYPED, f"s{n}") for n in range(20)], 0.2, new=fault)
    assert {one.arm for one in found} == {"old"}
    failed = [record for record in log if record["error"]]
    assert failed
    assert {(r["arm"], r["prediction"], r["exposed"]) for r in failed} == {("new", None, True)}
    stood_in = {r["request"]: r for r in log if r["reason"] == "fallback"}
    assert stood_in.keys() == {record["request"] for record in failed}
    assert not any(record["exposed"] for record in stood_in.values())


def test_a_failing_champion_is_an_error_and_a_busy_arm_is_no_failure(models: Models, store: ObjectStore) -> None:
    everyone = plan(models).rolled_back()
    found, log, _ = run(models, store, everyone, [Asked(TYPED, "s")], old=fails)
    assert str(found[0]).startswith("FALAJ-SRV-007 arm old: ValueError: no such thing")
    assert [record["error"] for record in log] == ["ValueError: no such thing"]
    found, _, _ = run(models, store, everyone, [Asked(TYPED, "s")], old=is_busy)
    assert found[0].code == "SRV-006"


def test_a_request_may_name_its_arm_only_where_the_plan_says_so(models: Models, store: ObjectStore) -> None:
    asked = [Asked(TYPED, "s", arm="new"), Asked(TYPED, "s", arm="z")]
    found, _, _ = run(models, store, plan(models), asked)
    assert [one.code for one in found] == ["SRV-004", "SRV-004"]
    found, log, _ = run(models, store, plan(models, override=True), asked)
    assert found[0].arm == "new"
    assert found[1].code == "SRV-003"
    assert [(record["reason"], record["exposed"]) for record in log] == [("override", False)]


@pytest.mark.parametrize("fault", [fails, sleeps, is_busy])
def test_a_shadow_that_fails_or_sleeps_for_ten_seconds_leaves_answers_and_p99_as_they_are(
    models: Models, store: ObjectStore, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHADOW_SECONDS", 0.5)
    shadow = Arm(name="shade", model=models.challenger)
    alone = plan(models, arms=(Arm(name="old", model=models.champion),))
    shaded = alone.model_copy(update={"shadows": (shadow,)})

    def p99(with_plan: Plan) -> tuple[float, list[Any], list[dict[str, Any]], Dispatcher]:
        asked = [Asked(TYPED, f"s{n}") for n in range(200)]
        found, log, dispatcher = run(models, store, with_plan, asked, shade=fault)
        own = [record["latency_ms"] for record in log if record["arm"] == "old"]
        return float(np.percentile(own[-200:], 99)), found, log, dispatcher

    before, *_ = p99(alone)
    began = time.monotonic()
    after, found, log, dispatcher = p99(shaded)
    assert {one.arm for one in found} == {"old"}
    assert after < before + 250  # a shadow that were waited for would add its half second
    copies = [record for record in log if record["arm"] == "shade"]
    assert len(copies) + dispatcher.dropped == 200
    assert {(record["reason"], record["exposed"], record["prediction"]) for record in copies} <= {
        ("shadow", False, None)
    }
    assert dispatcher.dropped >= (0 if fault is fails else 200 - module.SHADOWS)
    assert time.monotonic() - began < 20


def test_a_shadow_is_logged_beside_the_answer(models: Models, store: ObjectStore) -> None:
    shaded = plan(models, arms=(Arm(name="old", model=models.champion),))
    shaded = shaded.model_copy(update={"shadows": (Arm(name="shade", model=models.challenger),)})
    found, log, _ = run(models, store, shaded, [Asked(TYPED, f"s{n}") for n in range(30)])
    own, copies = ({r["request"]: r for r in log if r["arm"] == arm} for arm in ("old", "shade"))
    assert own.keys() == copies.keys() == {one.request for one in found}
    assert {r["prediction"] for r in copies.values()} == {models.scorer(models.challenger).score([TYPED])[0]}


def test_what_cannot_be_logged_is_not_answered(models: Models, store: ObjectStore) -> None:
    async def ask(arm: Arm, row: Mapping[str, Any]) -> tuple[float, str, str]:
        return 0.5, arm.model, ""

    async def one_too_many() -> None:
        for _ in range(3):
            await dispatcher.answer(Asked(TYPED, "s"))
        with pytest.raises(FalajError, match=r"SRV-005.*3 records wait"):
            await dispatcher.answer(Asked(TYPED, "s"))

    log = RequestLog(store, "late", seconds=60, limit=3)
    dispatcher = Dispatcher(plan(models), KEY, log, ask)
    asyncio.run(one_too_many())
    log.close()

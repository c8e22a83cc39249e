"""Decide: one look at a running experiment, as a record: go on, roll back, or ask the release gate to promote.

A guardrail rolls back at once. Nothing promotes by itself: `promote-request` is a question to the release gate, and
only its allow makes the arm the champion (`Plan.promoted`).
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from workloads.lib.experiment.guardrail import Limits, breaches
from workloads.lib.experiment.outcomes import Outcomes
from workloads.lib.experiment.sequential import ALPHA, Interval, compare
from workloads.lib.experiment.srm import LEVEL, mismatch
from workloads.lib.fingerprint import of_value
from workloads.lib.serve.log import Record, instant
from workloads.lib.serve.plan import Plan

Verdict = Literal["continue", "rollback", "promote-request"]
STEP = 200
"""Requests of the newer arm within its guardrails before the stage goes up."""


@dataclass(frozen=True)
class Look:
    """The record of a look."""

    at: str
    plan: str
    """Digest of the plan looked at."""
    arm: str
    model: str
    verdict: Verdict
    why: tuple[str, ...]
    stage: int
    """Where the plan should stand now."""
    requests: int
    """Of the arm, in this stage."""
    srm: float | None
    interval: Interval | None

    def as_dict(self) -> dict[str, Any]:
        """As JSON, with its digest; a bound that is not there yet is null."""
        fields: dict[str, Any] = asdict(self)
        if self.interval:
            fields["interval"] = {
                name: None if isinstance(value, float) and not abs(value) < float("inf") else value
                for name, value in fields["interval"].items()
            }
        return fields | {"digest": of_value(fields)}


def decide(
    plan: Plan,
    arm: str,
    records: Sequence[Record],
    outcomes: Outcomes,
    rho: float,
    limits: Limits | None = None,
    *,
    alpha: float = ALPHA,
    margin: float = 0.0,
) -> Look:
    """Look at `arm` beside the champion.

    records: the experiment's request log since the stage began. outcomes: those of the whole experiment. rho: fixed
    beforehand (`planned`). margin: how much worse the arm may be and still ask for promotion (0: it must be better).
    """
    own = [r for r in records if r["arm"] == arm and r["exposed"] and r["experiment"] == plan.experiment]
    broken = breaches(
        [r for r in records if r["experiment"] == plan.experiment], plan.champion.name, arm, limits or Limits()
    )
    interval = compare(outcomes.of(plan.champion.name), outcomes.of(arm), rho, alpha)
    srm = _srm(plan, outcomes)
    verdict, why, stage = _judge(plan, arm, [str(one) for one in broken], srm, interval, len(own), margin)
    return Look(
        at=instant(time.time()),
        plan=plan.digest,
        arm=arm,
        model=plan.arm(arm).model,
        verdict=verdict,
        why=tuple(why),
        stage=stage,
        requests=len(own),
        srm=srm,
        interval=interval,
    )


def followed(plan: Plan, look: Look) -> Plan:
    """The plan that the look asks for. A promotion is not among what it may ask: that takes the gate."""
    return plan.model_copy(update={"stage": look.stage})


def _judge(
    plan: Plan, arm: str, broken: list[str], srm: float | None, interval: Interval, requests: int, margin: float
) -> tuple[Verdict, list[str], int]:
    if broken:
        return "rollback", broken, 0
    if srm is not None and srm < LEVEL:
        return "continue", [f"blocked: the arms' subjects are not as the weights say (p = {srm:.1e})"], plan.stage
    between = f"{interval.difference:.4g} ({interval.low:.4g} to {interval.high:.4g})"
    if interval.high < -margin:
        return "rollback", [f"{arm} is worse by {between}"], 0
    if interval.low > -margin:
        return "promote-request", [f"{arm} differs by {between}, the margin is {margin:g}"], plan.stage
    if requests >= STEP and plan.stage and (further := plan.advanced().stage) > plan.stage:
        return "continue", [f"{requests} requests within the guardrails: stage {further}"], further
    return "continue", [f"undecided: {between}"], plan.stage


def _srm(plan: Plan, outcomes: Outcomes) -> float | None:
    """None where one arm alone is sent subjects to."""
    weights = {one.name: one.weight for one in plan.arms}
    if sum(weight > 0 for weight in weights.values()) < 2:
        return None
    return mismatch({name: count for name, count in outcomes.subjects.items() if name in weights}, weights)

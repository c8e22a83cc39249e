"""`falaj up`: plan, gate, apply."""

import json
import time
from pathlib import Path
from typing import Any

from infra.cli.output import OK, done, emit, guarded, title
from infra.cli.steps import Steps
from infra.engine import Engine, replace
from infra.errors import FalajError
from infra.home import home
from infra.settings import RegionStack, load, stack_file


def up(stack: str, as_json: bool) -> int:
    """Stand the stack up; nothing is touched before its plan is allowed."""
    return guarded(as_json, lambda: _up(Engine(stack), as_json))


def _up(engine: Engine, as_json: bool) -> int:
    started = time.monotonic()
    settings = load(stack_file(engine.stack))
    with engine.locked():
        engine.prepare()
        plan = _plan(engine, as_json)
        decision = _judge(engine, settings, plan)
        if plan.changes:
            engine.up(Steps(as_json, "Apply"))
        _remember(engine)
    if as_json:
        emit(
            {
                "ok": True,
                "stack": engine.stack,
                "changes": plan.changes,
                "decision": decision,
                "seconds": round(time.monotonic() - started, 1),
                "platform": str(engine.platform_file),
            }
        )
    elif plan.changes:
        done(f"stack {engine.stack} is up", time.monotonic() - started)
    else:
        done(f"stack {engine.stack} is up; nothing to change", time.monotonic() - started)
    return OK


def _plan(engine: Engine, as_json: bool) -> Steps:
    """The plan, each of its resources judged by the policy pack."""
    if not as_json:
        title("Plan")
    plan = Steps(as_json, "Plan")
    try:
        engine.preview(plan)
    except FalajError as error:
        raise plan.denied() or error from error
    return plan


def _judge(engine: Engine, settings: RegionStack, plan: Steps) -> dict[str, Any]:
    """The gate's decision on the plan as a whole: creates, updates, replaces and deletes together."""
    from policies.gate.decide import Gate
    from policies.gate.document import Stack, from_plan

    with Gate.start(log=decision_log()) as gate:
        context = Stack(
            name=engine.stack,
            project="falaj",
            kind=settings.kind,
            profile=settings.profile,
            jurisdiction=settings.jurisdiction,
            regimes=settings.regimes,
            backend=f"file://{home() / 'state'}",
            dry_run=True,
        )
        decision = gate.decide(from_plan(plan.steps, context))
    decision.raise_if_denied()
    return decision.model_dump(mode="json", include={"decision_id", "verdict", "coverage", "bundle"})


def _remember(engine: Engine) -> None:
    """Leave the region's outputs for the workloads."""
    outputs = engine.outputs()
    platform = {
        **outputs,
        "stack": engine.stack,
        "passphrase_file": str(engine.passphrase_file),
        "decision_log": str(decision_log()),
    }
    replace(engine.platform_file, json.dumps(platform, indent=1))


def decision_log() -> Path:
    """The hash-chained log of every decision."""
    return home() / "gate" / "decisions.jsonl"

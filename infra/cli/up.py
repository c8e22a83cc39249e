"""`falaj up`: plan, gate, apply."""

import json
import time
from typing import Any

from infra.backend import engine_of
from infra.checks import checked
from infra.cli.output import OK, done, emit, guarded, title
from infra.cli.steps import Steps, show
from infra.engine import Engine, replace
from infra.judge import decision_log, plan, waived
from infra.settings import RegionStack


def up(stack: str, as_json: bool) -> int:
    """Stand the stack up; nothing is touched before its plan is allowed."""
    return guarded(as_json, lambda: _up(engine_of(stack), as_json))


def _up(engine: Engine, as_json: bool) -> int:
    started = time.monotonic()
    settings = checked(engine.stack)
    with engine.locked():
        said, changes = applied(engine, settings, quiet=as_json)
        _remember(engine)
    tell(engine, said, changes, seconds=time.monotonic() - started, as_json=as_json)
    return OK


def applied(engine: Engine, settings: RegionStack, *, quiet: bool) -> tuple[dict[str, Any], dict[str, int]]:
    """Plan, ask the gate, apply what it allowed; what was decided, and how many resources were changed.

    The caller holds the stack's lock. Decisions and tickets are in the engine's own home, where the policy pack looks.
    Of a simulated region the gate is asked as in a review: nobody has to sign for what is not there.
    """
    from policies.gate import steps, ticket
    from policies.gate.decide import Gate

    engine.prepare()
    if not quiet:
        title("Plan")
    preview = engine.plan()
    planned = steps.of_preview(preview.json)
    changes = show(planned, quiet=quiet)
    gates = engine.home / "gate"
    with Gate.start(log=gates / "decisions.jsonl") as gate:
        question = plan(engine, settings, planned, gate="review" if engine.simulated else "plan")
        decision = gate.decide(question)
    decision.raise_if_denied()
    preview.require_clean(engine.stack)
    if changes:
        given = (gates, question, decision.decision_id, decision.bundle.digest, waived(decision))
        with ticket.issued(*given, simulated=engine.simulated):
            engine.up(Steps(quiet))
    return decision.model_dump(mode="json", include={"decision_id", "verdict", "coverage", "bundle", "plan"}), changes


def tell(engine: Engine, said: dict[str, Any], changes: dict[str, int], *, seconds: float, as_json: bool) -> None:
    """Say that the stack is up."""
    if as_json:
        emit(
            {
                "ok": True,
                "stack": engine.stack,
                "changes": changes,
                "decision": said,
                "seconds": round(seconds, 1),
                "platform": str(engine.platform_file),
            }
        )
    else:
        done(f"stack {engine.stack} is up{'' if changes else '; nothing to change'}", seconds)


def _remember(engine: Engine) -> None:
    """Leave the region's outputs for the workloads."""
    outputs: dict[str, Any] = engine.outputs()
    platform = {
        **outputs,
        "stack": engine.stack,
        "passphrase_file": str(engine.passphrase_file),
        "decision_log": str(decision_log()),
    }
    replace(engine.platform_file, json.dumps(platform, indent=1))

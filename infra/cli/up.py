"""`falaj up`: plan, gate, apply."""

import json
import time
from typing import Any

from infra.backend import engine_of
from infra.checks import checked
from infra.cli.output import OK, done, emit, guarded, title
from infra.cli.steps import Steps, show
from infra.engine import Engine, replace
from infra.judge import decision_log, folder, plan, waived


def up(stack: str, as_json: bool) -> int:
    """Stand the stack up; nothing is touched before its plan is allowed."""
    return guarded(as_json, lambda: _up(engine_of(stack), as_json))


def _up(engine: Engine, as_json: bool) -> int:
    from policies.gate import steps, ticket
    from policies.gate.decide import Gate

    started = time.monotonic()
    settings = checked(engine.stack)
    with engine.locked():
        engine.prepare()
        if not as_json:
            title("Plan")
        preview = engine.plan()
        planned = steps.of_preview(preview.json)
        changes = show(planned, quiet=as_json)
        with Gate.start(log=decision_log()) as gate:
            question = plan(engine, settings, planned)
            decision = gate.decide(question)
        decision.raise_if_denied()
        preview.require_clean(engine.stack)
        if changes:
            with ticket.issued(folder(), question, decision.decision_id, decision.bundle.digest, waived(decision)):
                engine.up(Steps(as_json))
        _remember(engine)
    seconds = time.monotonic() - started
    if as_json:
        said = decision.model_dump(mode="json", include={"decision_id", "verdict", "coverage", "bundle", "plan"})
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
    return OK


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

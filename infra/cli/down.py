"""`falaj down`: take a stack away."""

import shutil
import time

from infra.cli.output import OK, done, emit, guarded
from infra.cli.steps import Steps
from infra.engine import Engine
from infra.home import home
from infra.judge import decision_log, plan
from infra.settings import load, stack_file


def down(stack: str, as_json: bool) -> int:
    """Destroy the stack's resources, its state and its folder."""
    return guarded(as_json, lambda: _down(Engine(stack), as_json))


def _down(engine: Engine, as_json: bool) -> int:
    started = time.monotonic()
    with engine.locked():
        was_up = engine.exists()
        if was_up:
            engine.prepare()
            _judge(engine)
            engine.destroy(Steps(as_json))
        shutil.rmtree(engine.folder, ignore_errors=True)
    (home() / f"{engine.stack}.lock").unlink(missing_ok=True)
    if as_json:
        emit({"ok": True, "stack": engine.stack, "was_up": was_up, "seconds": round(time.monotonic() - started, 1)})
    elif was_up:
        done(f"stack {engine.stack} is gone; kept: {decision_log()}", time.monotonic() - started)
    else:
        done(f"stack {engine.stack} was not up")
    return OK


def _judge(engine: Engine) -> None:
    """Ask the gate about taking everything away; what is protected may go once that is allowed."""
    from policies.gate import steps
    from policies.gate.decide import Gate

    settings = load(stack_file(engine.stack))
    going = steps.of_state(engine.state(), "delete")
    if not going:
        return
    with Gate.start(log=decision_log()) as gate:
        gate.decide(plan(engine, settings, going)).raise_if_denied()
    if settings.profile != "dev":
        engine.unprotect()

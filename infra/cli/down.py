"""`falaj down`: take a stack away."""

import shutil
import time

from infra.cli.output import OK, done, emit, guarded
from infra.cli.steps import Steps
from infra.cli.up import decision_log
from infra.engine import Engine
from infra.home import home


def down(stack: str, as_json: bool) -> int:
    """Destroy the stack's resources, its state and its folder."""
    return guarded(as_json, lambda: _down(Engine(stack), as_json))


def _down(engine: Engine, as_json: bool) -> int:
    started = time.monotonic()
    with engine.locked():
        was_up = engine.exists()
        if was_up:
            engine.prepare()
            engine.destroy(Steps(as_json, "Remove"))
        shutil.rmtree(engine.folder, ignore_errors=True)
    (home() / f"{engine.stack}.lock").unlink(missing_ok=True)
    if as_json:
        emit({"ok": True, "stack": engine.stack, "was_up": was_up, "seconds": round(time.monotonic() - started, 1)})
    elif was_up:
        done(f"stack {engine.stack} is gone; kept: {decision_log()}", time.monotonic() - started)
    else:
        done(f"stack {engine.stack} was not up")
    return OK

"""`falaj review`: the verdict on a change, before anybody merges it."""

import sys
from pathlib import Path

from infra.backend import engine_of
from infra.checks import checked
from infra.cli.output import OK, emit, guarded
from infra.engine import Engine
from infra.errors import Exit
from infra.judge import decision_log, plan


def review(stack: str, reports: Path | None, as_json: bool) -> int:
    """Print the verdict as Markdown; write every kind of report. Exit code 4 when the gate refuses."""
    return guarded(as_json, lambda: _review(engine_of(stack), reports, as_json))


def _review(engine: Engine, reports: Path | None, as_json: bool) -> int:
    from policies.gate import steps
    from policies.gate.decide import Gate
    from policies.gate.reports.render import FORMATS, SUFFIX

    settings = checked(engine.stack)
    with engine.locked():
        engine.prepare()
        planned = steps.of_preview(engine.plan().json)
        with Gate.start(log=decision_log()) as gate:
            decision = gate.decide(plan(engine, settings, planned, gate="review"))
    files: dict[str, str] = {}
    if reports:
        reports.mkdir(parents=True, exist_ok=True)
        for form, render in FORMATS.items():
            file = reports / f"gate-{engine.stack}.{SUFFIX[form]}"
            file.write_text(render([decision]), encoding="utf-8")
            files[form] = str(file)
    if as_json:
        emit({"ok": decision.allowed, "decision": decision.model_dump(mode="json"), "reports": files})
    else:
        sys.stdout.write(FORMATS["markdown"]([decision]))
    return OK if decision.allowed else int(Exit.DENIED)

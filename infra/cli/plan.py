"""`falaj plan`: what a stack would be, or what would change, with its verdict; no credentials and no network."""

import json
import time
from pathlib import Path

from infra.backend import engine_of
from infra.checks import lacking
from infra.cli.output import OK, emit, guarded
from infra.errors import Exit
from infra.home import home
from infra.judge import decision_log
from infra.judge import plan as question
from infra.settings import load, stack_file


def plan(stack: str, state: Path | None, html: Path | None, out: Path | None, as_json: bool) -> int:
    """Print the plan, its costs and the gate's verdict. Exit code 4 when the gate refuses."""
    return guarded(as_json, lambda: _plan(stack, state, html, out, as_json))


def _plan(stack: str, state: Path | None, html: Path | None, out: Path | None, as_json: bool) -> int:
    from infra.engine import private_folder
    from infra.plan import page, table
    from infra.plan.outcome import Outcome
    from infra.plan.rehearsal import planned
    from policies.gate import steps
    from policies.gate.decide import Gate

    settings, engine = load(stack_file(stack)), engine_of(stack)
    private_folder(home())
    started = time.monotonic()
    preview = planned(stack, state=state)
    seconds = time.monotonic() - started
    with Gate.start(log=decision_log()) as gate:
        decision = gate.decide(question(engine, settings, steps.of_preview(preview.json), gate="review"))
    outcome = Outcome.of(stack, preview.json, seconds, decision, lacking(settings))
    if html:
        _write(html, page.render(outcome))
    if out:
        _write(out / f"plan-{stack}.json", json.dumps(outcome.as_dict(), indent=2, sort_keys=True) + "\n")
        _write(out / f"plan-{stack}.html", page.render(outcome))
        _write(out / f"plan-{stack}.txt", table.text(outcome))
    if as_json:
        emit(outcome.as_dict())
    else:
        table.show(outcome)
    return OK if decision.allowed else int(Exit.DENIED)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")

"""`falaj bootstrap aws`: where states are kept and what seals their secrets, before there is any stack.

Planned without credentials by default. With `--apply` it is planned again by AWS's own provider, judged, made, and its
state is left in the bucket that it made.
"""

import time
from typing import TYPE_CHECKING, Any

from infra.backend import where
from infra.bootstrap import facts
from infra.bootstrap.engine import Bootstrap
from infra.cli.output import OK, done, emit, err, guarded, out, title
from infra.cli.steps import Steps, show
from infra.errors import Exit
from infra.judge import decision_log, folder, waived

if TYPE_CHECKING:
    from policies.gate.decision import Decision
    from policies.gate.document import Document

_ONLINE = {
    "PULUMI_DEBUG_PROVIDERS": "",  # nothing stands in for AWS where something is made
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "false",
}


def bootstrap(stack: str, apply: bool, as_json: bool) -> int:
    """Prepare the account and region of a stack on AWS."""
    return guarded(as_json, lambda: _apply(stack, as_json) if apply else _plan(stack, as_json))


def _plan(stack: str, as_json: bool) -> int:
    from infra.plan.serve import attached

    started = time.monotonic()
    settings = facts.read(stack)
    with attached() as providers:
        engine = Bootstrap(facts.stack_name(settings), of=stack, settings=settings, extra=providers)
        with engine.locked():
            engine.prepare()
            changes, _, decision = _judged(engine, as_json)
    _tell(engine, decision, changes, as_json, f"planned for {stack}; make it with --apply", started)
    return OK if decision.allowed else int(Exit.DENIED)


def _apply(stack: str, as_json: bool) -> int:
    started = time.monotonic()
    settings = facts.read(stack)
    engine = Bootstrap(facts.stack_name(settings), of=stack, settings=settings, extra=_ONLINE)
    changes, decision = make(engine, *where(engine.settings), as_json=as_json)
    _tell(engine, decision, changes, as_json, "made; its state is in the bucket, too", started)
    return OK


def make(engine: Bootstrap, backend: str, secrets: str, *, as_json: bool) -> "tuple[dict[str, int], Decision]":
    """Plan, judge, apply, and leave the state in the backend."""
    from policies.gate import ticket

    with engine.locked():
        engine.prepare()
        if not engine.outputs() and (left := engine.at(backend).left()):
            engine.take(left, "passphrase")
        changes, question, decision = _judged(engine, as_json)
        decision.raise_if_denied()
        if changes:
            with ticket.issued(folder(), question, decision.decision_id, decision.bundle.digest, waived(decision)):
                engine.up(Steps(as_json))
        engine.at(backend).take(engine.state(), secrets)
    return changes, decision


def _judged(engine: Bootstrap, as_json: bool) -> "tuple[dict[str, int], Document, Decision]":
    """What would change, the question and the gate's answer to it."""
    from policies.gate import about, steps
    from policies.gate.decide import Gate
    from policies.gate.document import from_plan

    if not as_json:
        title("Plan")
    preview = engine.plan()
    planned = steps.of_preview(preview.json)
    changes = show(planned, quiet=as_json)
    said = engine.settings.model_dump(mode="json") | {"kind": facts.KIND}
    backend = engine.environment()["PULUMI_BACKEND_URL"]
    stack, limits = about.of_settings(said, name=engine.stack, dry_run=True, author=about.author(), backend=backend)
    question = from_plan(planned, stack, limits)
    with Gate.start(log=decision_log()) as gate:
        decision = gate.decide(question)
    if decision.allowed:
        preview.require_clean(engine.stack)
    return changes, question, decision


def _tell(
    engine: Bootstrap, decision: "Decision", changes: dict[str, int], as_json: bool, text: str, started: float
) -> None:
    backend, secrets = where(engine.settings)
    seconds = time.monotonic() - started
    if as_json:
        said: dict[str, Any] = decision.model_dump(mode="json", include={"decision_id", "verdict", "findings", "plan"})
        lines = {"backend": backend, "secrets_provider": secrets}
        emit({"ok": decision.allowed, "changes": changes, "decision": said, **lines, "seconds": round(seconds, 1)})
        return
    title("Verdict")
    for finding in decision.findings:
        if finding.effect in ("deny", "advise"):
            out.print(f"  {finding.effect}: {finding}", markup=False)
    if decision.allowed:
        done(text, seconds)
    else:
        err.print("✗ refused by the gate", style="bold red")
    title("For the stacks whose state is to be kept there")
    out.print(f"  PULUMI_BACKEND_URL={backend}", markup=False)
    out.print(f"  secretsprovider: {secrets}", markup=False)

"""`falaj gate approve`: somebody else looks at a plan, and signs it."""

from pathlib import Path

from rich.text import Text

from infra.cli.output import OK, done, emit, guarded, out, title
from infra.errors import FalajError
from infra.judge import decision_log, folder


def approve(plan: str, signer: str, key: Path, as_json: bool) -> int:
    """Show what the plan would do, and sign its digest. The newest decision about that plan must be there."""
    return guarded(as_json, lambda: _approve(plan, signer, key, as_json))


def _approve(plan: str, signer: str, key: Path, as_json: bool) -> int:
    from policies.gate import approvals, documents, history

    asked = [item for item in history.decisions(decision_log()) if item.plan == plan and item.input_digest]
    if not asked:
        raise FalajError(
            "GATE-025", plan, "no plan with that digest was judged here", "Run `falaj up` or `falaj down`."
        )
    decision = asked[-1]
    doing = [
        f"{operation:<8} {urn}"
        for urn, operation in documents.read(folder(), decision.input_digest)["operations"].items()
        if operation not in ("same", "read")
    ]
    if not as_json:
        title(f"Plan of stack {decision.stack}, by {decision.author or 'nobody named'}")
        for line in doing:
            out.print(Text(f"  {line}"))
    file = approvals.give(folder(), plan, decision.stack, signer, key)
    if as_json:
        emit({"ok": True, "plan": plan, "stack": decision.stack, "by": signer, "does": doing, "file": str(file)})
    else:
        done(f"approved by {signer} for {approvals.HOURS} hours: {file}")
    return OK

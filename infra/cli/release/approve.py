"""`falaj release approve`: somebody else looks at a model, and signs its digest."""

from pathlib import Path

from infra.cli.ask import ask
from infra.cli.output import OK, done, emit, guarded
from infra.cli.release import verdict
from infra.judge import folder


def approve(workload: str, model: str, signer: str, key: Path, stack: str, as_json: bool) -> int:
    """Show the verdict as it stands without this approval, and sign."""
    return guarded(as_json, lambda: _approve(workload, model, signer, key, stack, as_json))


def _approve(workload: str, model: str, signer: str, key: Path, stack: str, as_json: bool) -> int:
    from policies.gate import approvals

    found = ask("release", stack, "approvable", workload, model, f"--by={signer}")
    if not as_json:
        verdict.show(found)
    digest = found["request"]["model"]
    file = approvals.give(folder(), digest, stack, signer, key)
    if as_json:
        emit(
            {"ok": True, "model": digest, "stack": stack, "by": signer, "verdict": found["verdict"], "file": str(file)}
        )
    else:
        done(f"{digest} is approved by {signer} for {approvals.HOURS} hours: {file}")
    return OK

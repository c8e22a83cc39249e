"""`falaj release rollback`: production goes back to a model it had."""

from infra.cli.ask import ask
from infra.cli.output import OK, done, emit, guarded


def rollback(workload: str, to: str, why: str, stack: str, as_json: bool) -> int:
    """Move the alias back; the decision that allowed that model then still counts."""
    return guarded(as_json, lambda: _rollback(workload, to, why, stack, as_json))


def _rollback(workload: str, to: str, why: str, stack: str, as_json: bool) -> int:
    found = ask("release", stack, "rollback", workload, f"--to={to}", f"--why={why}")
    if as_json:
        emit({"ok": True, **found})
    else:
        done(f"production points at {found['record']['model']} again: {found['record']['why']}")
    return OK

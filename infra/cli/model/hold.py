"""`falaj model hold` and `release`: what must not be collected."""

from infra.cli.ask import ask
from infra.cli.output import OK, done, emit, guarded


def hold(verb: str, name: str, model: str, why: str, stack: str, as_json: bool) -> int:
    """Write it into the log."""
    return guarded(as_json, lambda: _hold(verb, name, model, why, stack, as_json))


def _hold(verb: str, name: str, model: str, why: str, stack: str, as_json: bool) -> int:
    found = ask("registry", stack, verb, name, model, f"--why={why}")
    if as_json:
        emit({"ok": True, **found})
    else:
        done(f"{found['record']['model']}: {verb}, by {found['record']['who']['name']}")
    return OK

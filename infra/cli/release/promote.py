"""`falaj release promote`: a model goes into production."""

from infra.cli.ask import ask
from infra.cli.output import OK, done, emit, guarded


def promote(workload: str, model: str, why: str, stack: str, as_json: bool) -> int:
    """Ask the gate again and move the alias."""
    return guarded(as_json, lambda: _promote(workload, model, why, stack, as_json))


def _promote(workload: str, model: str, why: str, stack: str, as_json: bool) -> int:
    found = ask("release", stack, "promote", workload, model, f"--why={why}")
    record = found["record"]
    if as_json:
        emit({"ok": True, **found})
    elif record:
        done(f"production points at {record['model']}, decision {found['decision'][:8]}")
    else:
        done("production points there already")
    return OK

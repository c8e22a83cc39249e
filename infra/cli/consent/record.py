"""`falaj consent grant`, `withdraw` and `record`: entries into the ledger."""

from pathlib import Path

from infra.cli.ask import ask, option
from infra.cli.output import OK, done, emit, err, guarded


def say(state: str, person: str, purpose: str, at: str, stack: str, as_json: bool) -> int:
    """One entry."""
    return guarded(as_json, lambda: _say(state, person, purpose, at, stack, as_json))


def _say(state: str, person: str, purpose: str, at: str, stack: str, as_json: bool) -> int:
    found = ask("consent", stack, state, *option("--at", at), "--", person, purpose)
    if as_json:
        emit({"ok": True, **found})
        return OK
    if not found["known"]:
        err.print(f"Nobody spoke of {purpose} before: is it the one that the spec names?", style="yellow", markup=False)
    done(f"{state} since {found['at']}" if found["recorded"] else "that is in the ledger already")
    return OK


def take(file: Path, stack: str, as_json: bool) -> int:
    """The entries of a file."""
    return guarded(as_json, lambda: _take(file, stack, as_json))


def _take(file: Path, stack: str, as_json: bool) -> int:
    found = ask("consent", stack, "record", str(file.resolve()))
    if as_json:
        emit({"ok": True, **found})
    else:
        done(f"{found['recorded']:,} of {found['entries']:,} entries were new; the ledger's head is {found['head']}")
    return OK

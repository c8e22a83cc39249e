"""`falaj consent erasure`: the plan for one person."""

from infra.cli.ask import ask
from infra.cli.output import OK, emit, guarded, out, title


def erasure(person: str, stack: str, as_json: bool) -> int:
    """Print what has to be done, in the order it is done in."""
    return guarded(as_json, lambda: _erasure(person, stack, as_json))


def _erasure(person: str, stack: str, as_json: bool) -> int:
    found = ask("consent", stack, "erasure", "--", person)
    if as_json:
        emit({"ok": True, **found})
        return OK
    _part("Delete rows", [f"{table}: {number:,} rows" for table, number in found["tables"].items() if number])
    _part("Expire snapshots that have them", [f"{name}: {', '.join(ats)}" for name, ats in found["snapshots"].items()])
    _part("Retrain and replace: served, and made from those tables", found["retrain"])
    _part("Withdraw: made from those tables, and not served", found["withdraw"])
    _part("Purge of request logs", found["logs"])
    _part("By hand", found["by_hand"])
    return OK


def _part(about: str, lines: list[str]) -> None:
    title(f"{about} ({len(lines)})")
    for line in lines:
        out.print(f"  {line}", markup=False)

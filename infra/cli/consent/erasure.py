"""`falaj consent erasure`: the plan for one person."""

from typing import Any

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
    rows = {f"{table}: {number:,} rows": found["snapshots"][table] for table, number in found["tables"].items()}
    _part("Delete rows", rows)
    _part("Expire snapshots that have them", [f"{line.split(':')[0]}: {', '.join(ats)}" for line, ats in rows.items()])
    _part("Retrain and replace: served, and made from those tables", found["retrain"])
    _part("Withdraw: made from those tables, and not served", found["withdraw"])
    _part("Purge of request logs", found["logs"])
    _part("By hand", found["by_hand"])
    return OK


def _part(about: str, lines: Any) -> None:
    title(f"{about} ({len(lines)})")
    for line in lines:
        out.print(f"  {line}", markup=False)

"""`falaj model gc`: models that nothing refers to."""

from rich.table import Table

from infra.cli.ask import ask
from infra.cli.gate.log import tables
from infra.cli.output import OK, done, emit, guarded


def gc(name: str, apply: bool, grace: float, retention: float, stack: str, as_json: bool) -> int:
    """Print what keeps each model, and what may go."""
    return guarded(as_json, lambda: _gc(name, apply, grace, retention, stack, as_json))


def _gc(name: str, apply: bool, grace: float, retention: float, stack: str, as_json: bool) -> int:
    days = (f"--grace-days={grace}", f"--retention-days={retention}")
    found = ask("registry", stack, "gc", name, *days, "--apply" if apply else None)
    if as_json:
        emit({"ok": True, **found})
        return OK
    table = Table(box=None, pad_edge=False)
    table.add_column("model", no_wrap=True)
    table.add_column("kept by")
    for one in found["entries"]:
        loose = f"nothing; marked {one['marked']}" if one["marked"] else "nothing; not marked yet"
        table.add_row(one["model"], "; ".join(one["kept_by"]) or loose)
    tables.print(table)
    if apply:
        done(f"{len(found['marked'])} marked, to go in {grace:g} days; {len(found['deleted'])} deleted")
    return OK

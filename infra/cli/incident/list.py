"""`falaj incident list`: what is open, and what is due."""

from rich.table import Table
from rich.text import Text

from infra.cli.ask import ask
from infra.cli.gate.log import tables
from infra.cli.incident.clock import first, grave
from infra.cli.output import OK, emit, guarded, out


def list_incidents(every: bool, stack: str, as_json: bool) -> int:
    """Print a line for each."""
    return guarded(as_json, lambda: _list(every, stack, as_json))


def _list(every: bool, stack: str, as_json: bool) -> int:
    found = ask("incident", stack, "list", "--all" if every else None)
    if as_json:
        emit({"ok": True, **found})
        return OK
    if not found["incidents"]:
        out.print("no incident" if every else "no open incident")
        return OK
    table = Table(box=None, pad_edge=False)
    for head in ("incident", "severity", "stage", "alarm", "model", "opened", "due next"):
        table.add_column(head, no_wrap=True)
    for one in found["incidents"]:
        alarm = f"{one['alarm']['name']} ({one['alarm']['kind']})"
        severity = Text(one["severity"], style=grave(one["severity"]))
        table.add_row(one["id"], severity, one["stage"], alarm, one["model"][:19], one["opened"][:16], first(one))
    tables.print(table)
    return OK

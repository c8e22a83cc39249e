"""`falaj model show`: one registered model, verified."""

import json

from rich.table import Table

from infra.cli.ask import ask
from infra.cli.gate.log import tables
from infra.cli.output import OK, emit, guarded


def show(name: str, model: str, stack: str, as_json: bool) -> int:
    """Print its files, what it was made from, and what points at it."""
    return guarded(as_json, lambda: _show(name, model, stack, as_json))


def _show(name: str, model: str, stack: str, as_json: bool) -> int:
    found = ask("registry", stack, "show", name, model)
    if as_json:
        emit({"ok": True, **found})
        return OK
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row(found["name"], found["model"])
    table.add_row("signature", f"holds, key {found['signature']['key']}")
    table.add_row("pointed at by", ", ".join(found["pointers"]) or "nothing")
    table.add_row("held", "; ".join(found["held"]) or "no")
    for file, about in found["files"].items():
        table.add_row(file, f"{about['bytes']:,} bytes  {about['digest']}")
    for fact, value in found["facts"].items():
        table.add_row(fact, value if isinstance(value, str) else json.dumps(value))
    tables.print(table)
    return OK

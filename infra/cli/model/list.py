"""`falaj model list`: every registered model."""

from rich.table import Table

from infra.cli.ask import ask
from infra.cli.gate.log import tables
from infra.cli.output import OK, emit, guarded


def list_models(stack: str, as_json: bool) -> int:
    """Print a line for each."""
    return guarded(as_json, lambda: _list(stack, as_json))


def _list(stack: str, as_json: bool) -> int:
    found = ask("registry", stack, "list")
    if as_json:
        emit({"ok": True, **found})
        return OK
    table = Table(box=None, pad_edge=False)
    for head in ("name", "model", "pointed at by"):
        table.add_column(head, no_wrap=True)
    for one in found["models"]:
        table.add_row(one["name"], one["model"], ", ".join(one["pointers"]))
    tables.print(table)
    return OK

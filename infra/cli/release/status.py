"""`falaj release status`: where a workload's releases stand."""

from rich.text import Text

from infra.cli.ask import ask
from infra.cli.output import OK, emit, guarded, out


def status(workload: str, stack: str, as_json: bool) -> int:
    """Print what production points at, its moves, and the open requests."""
    return guarded(as_json, lambda: _status(workload, stack, as_json))


def _status(workload: str, stack: str, as_json: bool) -> int:
    found = ask("release", stack, "status", workload)
    if as_json:
        emit({"ok": True, **found})
        return OK
    out.print(f"production  {found['production']}", markup=False)
    out.print(f"served      {found['served'] or 'nothing'}", markup=False)
    for move in found["moves"]:
        line = Text(f"  {move['at'][:19]}  ", "dim").append(f"{move['kind']:<9}").append(str(move["model"])[:19])
        out.print(line.append(f"  {move['who']['name']}: {move['why']}", "dim"))
    for one in found["requests"]:
        by = ", ".join(fact["by"] for fact in one["approvals"]) or "nobody yet"
        out.print(f"asked for   {one['model']}  by {one['author']}; approved by {by}", markup=False)
    return OK

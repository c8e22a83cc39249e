"""`falaj model history`: everything that happened to the models of a name."""

from rich.text import Text

from infra.cli.ask import ask, option
from infra.cli.output import OK, emit, guarded, out


def history(name: str, head: str, stack: str, as_json: bool) -> int:
    """Print the log, and its head: keep it where the store's owner cannot write, and give it back with `--head`."""
    return guarded(as_json, lambda: _history(name, head, stack, as_json))


def _history(name: str, head: str, stack: str, as_json: bool) -> int:
    found = ask("registry", stack, "history", name, *option("--head", head))
    if as_json:
        emit({"ok": True, **found})
        return OK
    for place, one in enumerate(found["records"], start=1):
        to = (one["model"] or "nothing")[:19]
        line = Text(f"{place:>4}  {one['at'][:19]}  ", "dim").append(f"{one['kind']:<8}", "bold")
        line.append(f" {one['pointer']} {(one['was'] or 'nothing')[:19]} → {to}" if one["pointer"] else f" {to}")
        out.print(line)
        back = f", the clock {one['clock_back']} s behind the record before" if one["clock_back"] else ""
        decision = f", decision {one['decision'][:8]}" if one["decision"] else ""
        who = f"{one['who']['name']} ({one['who']['source']})"
        out.print(f"      {who}: {one['why']}{decision}{back}", style="dim", markup=False)
    out.print(f"head  {found['head']}")
    return OK

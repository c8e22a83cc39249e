"""`falaj incident show`: one incident."""

from typing import Any

from rich.text import Text

from infra.cli.ask import ask
from infra.cli.incident.clock import grave, line
from infra.cli.output import OK, emit, guarded, out, title


def show(incident: str, stack: str, as_json: bool) -> int:
    """Print its state, its clocks, its timeline and what is next."""
    return guarded(as_json, lambda: _show(incident, stack, as_json))


def _show(incident: str, stack: str, as_json: bool) -> int:
    found = ask("incident", stack, "show", incident)
    if as_json:
        emit({"ok": True, **found})
        return OK
    head = Text(f"{found['id']}  ", "bold").append(found["severity"], grave(found["severity"]))
    out.print(head.append(f"  {found['stage']}, alarm {found['alarm']['name']} ({found['alarm']['kind']})", "not bold"))
    _state(found)
    _clocks(found)
    title("Timeline")
    for one in found["timeline"]:
        back = f" (the clock stood {one['clock_back']} s behind)" if one["clock_back"] else ""
        out.print(f"  {one['at'][:19]}  {one['kind']:<11} {one['why']}{back}", markup=False)
        out.print(f"{'':<34}{one['who']['name']} ({one['who']['source']})", style="dim", markup=False)
    title("Closed" if found["closed"] else "Next")
    steps: list[dict[str, Any]] = [] if found["closed"] else found["next"]
    for step in steps:
        out.print(f"  {'(by itself) ' if step['auto'] else ''}{step['do']}", markup=False)
        if step["run"]:
            out.print(f"      {step['run']}", style="dim", markup=False)
    return OK


def _state(found: dict[str, Any]) -> None:
    bound = found["bound"]
    at = [alias for alias, model in bound["aliases"].items() if model == found["model"]]
    served = "it was served" if bound["served"] == found["model"] else f"{bound['served'] or 'nobody answered'}"
    out.print(f"  model   {found['model']}", markup=False)
    out.print(f"  then    pointed at by {', '.join(at) or 'nothing'}; at {bound['endpoint']}: {served}", markup=False)


def _clocks(found: dict[str, Any]) -> None:
    if not found["clocks"] and not found["without_clock"]:
        return
    title("Notice to authorities")
    for clock in found["clocks"]:
        out.print(Text("  ").append_text(line(clock)))
        sure = "" if clock["certain"] else "; not verified"
        told = f"{'':<6}{clock['law']}: {clock['to']}, {clock['wording']}{sure}"
        out.print(told, style="dim", markup=False)
    for regime in found["without_clock"]:
        out.print(f"  {regime}  no clock is known: ask who answers for it", markup=False)

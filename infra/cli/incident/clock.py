"""How a step's outcome, breach clocks and severities are shown."""

from datetime import timedelta
from typing import Any

from rich.text import Text

from infra.cli.output import OK, done, emit, out

GRAVE = {"critical": "bold red", "major": "yellow"}
STATES = {"runs": "yellow", "overdue": "bold red", "told": "green", "told late": "red", "exempt": "dim"}


def grave(severity: str) -> str:
    """The style of a severity."""
    return GRAVE.get(severity, "")


def tell(incident: dict[str, Any], line: str, as_json: bool) -> int:
    """An incident after a step, and the clock that ends next."""
    if as_json:
        emit({"ok": True, **incident})
        return OK
    done(line)
    if clock := first(incident):
        out.print("  ", clock, sep="")
    return OK


def first(incident: dict[str, Any]) -> Text:
    """The clock of an incident that ends next; empty when none runs."""
    running = [clock for clock in incident["clocks"] if not clock["notified"]]
    return line(running[0]) if running else Text("")


def line(clock: dict[str, Any]) -> Text:
    """A clock in a few words."""
    text = Text(f"{clock['regime']} ").append(clock["state"], STATES[clock["state"]])
    if clock["state"] == "exempt":
        return text
    seconds = clock["left_seconds"]
    left = str(timedelta(seconds=abs(seconds))).removesuffix(", 0:00:00")
    return text.append(f", {left} {'left' if seconds >= 0 else 'over'}, due {clock['local'][:16]}{clock['local'][-6:]}")

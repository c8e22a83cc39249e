"""Reading the decision log back."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from infra.errors import FalajError
from policies.gate.decision import Decision


def decisions(log: Path) -> Iterator[Decision]:
    """Every decision, oldest first; a torn last line is none. Raises GATE-015 for a line that is no decision."""
    if not log.exists():
        return
    with log.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                record = json.loads(line)["record"]
                record.pop("repaired", None)
                yield Decision.model_validate(record)
            except (ValueError, KeyError, TypeError, ValidationError) as error:
                raise FalajError("GATE-015", f"{log}:{number}", "the line is no decision") from error


def find(log: Path, name: str, *, stack: str = "") -> Decision:
    """A decision by its id (or the first letters of it), or the `last` about a whole stack. Raises GATE-025."""
    last: Decision | None = None
    for decision in decisions(log):
        if stack and decision.stack != stack:
            continue
        if (name == "last" and decision.gate != "resource") or (
            name != "last" and decision.decision_id.startswith(name)
        ):
            last = decision
    if last is None:
        about = f" of stack {stack}" if stack else ""
        raise FalajError("GATE-025", str(log), f"there is no decision {name!r}{about}")
    return last

"""The ticket: what an allowed plan would make, so that an apply makes nothing else.

`falaj up` leaves one when the plan gate has allowed, takes it away after the apply. The analyzer looks every resource
of an apply up in it. Outside the `dev` profile there is no apply without one: a plan that nobody judged as a whole, its
deletes included, is not carried out by leaving the preview out.
"""

import contextlib
import json
import os
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from policies.gate.about import is_simulated
from policies.gate.document import Document, settled

HOURS = 12
"""An apply that has not begun by then is planned again."""


class Planned(BaseModel):
    """One resource of the plan; `waived` are the rules that a waiver lifts for it, with the waiver's id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    inputs: Any
    waived: dict[str, str] = {}


class Ticket(BaseModel):
    """What was allowed: by which decision, by which rules, until when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stack: str
    decision: str
    bundle: str
    expires: AwareDatetime
    resources: dict[str, Planned]
    simulated: bool = False
    """Whether it was given without approvals, for an engine that only pretends."""

    def covers(self, urn: str, type_: str, name: str, inputs: Any) -> bool:
        """Whether this is a resource of the plan: its type and inputs, except for what was not known then."""
        planned = self.resources.get(urn)
        return planned is not None and planned.type == type_ and agrees(planned.inputs, settled(inputs, name))


def agrees(planned: Any, found: Any) -> bool:
    """Whether a value is what was planned; anything may come of what was not known."""
    if planned == {"$unknown": True}:
        return True
    if isinstance(planned, dict) and isinstance(found, dict):
        then, now = cast("dict[str, Any]", planned), cast("dict[str, Any]", found)
        return then.keys() == now.keys() and all(agrees(then[key], now[key]) for key in then)
    if isinstance(planned, list) and isinstance(found, list):
        items = cast("list[Any]", planned), cast("list[Any]", found)
        return len(items[0]) == len(items[1]) and all(map(agrees, *items))
    return isinstance(planned, bool) == isinstance(found, bool) and bool(planned == found)


@contextlib.contextmanager
def issued(
    folder: Path,
    plan: Document,
    decision: str,
    bundle: str,
    waived: dict[str, dict[str, str]],
    *,
    simulated: bool = False,
) -> Generator[Path]:
    """Leave the ticket of an allowed plan for as long as the block runs."""
    ticket = Ticket(
        stack=plan.stack.name,
        decision=decision,
        bundle=bundle,
        expires=datetime.now(UTC) + timedelta(hours=HOURS),
        simulated=simulated,
        resources={
            urn: Planned(type=item.type, inputs=settled(item.inputs, item.name), waived=waived.get(urn, {}))
            for urn, item in plan.resources.items()
            if plan.operations.get(urn) != "delete"
        },
    )
    file = _file(folder, plan.stack.name)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    working = file.with_suffix(f".{os.getpid()}")
    working.write_text(ticket.model_dump_json())
    working.replace(file)
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)


def of(folder: Path, stack: str, bundle: str) -> Ticket | None:
    """The stack's ticket, when it was given by these rules and holds still."""
    try:
        found = Ticket.model_validate(json.loads(_file(folder, stack).read_bytes()))
    except (OSError, ValueError, ValidationError):
        return None
    holds = found.stack == stack and found.bundle == bundle and found.expires > datetime.now(UTC)
    return found if holds and (is_simulated() or not found.simulated) else None


def _file(folder: Path, stack: str) -> Path:
    return folder / "tickets" / f"{stack}.json"

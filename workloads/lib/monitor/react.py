"""React: what a firing alarm leads to. It decides and says why; whoever asked carries it out, through the gate.

A model that was put in place lately is suspected first, and taken back. An old one is trained anew. Whatever happens
too often is a person's to look at.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from workloads.lib.chain import Chain
from workloads.lib.monitor.alarm import Alarm, Kind
from workloads.lib.object_store import ObjectStore

Action = Literal["rollback", "retrain", "incident"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Policy(_Model):
    """When which action is taken without a person."""

    rollback: tuple[Kind, ...] = ("prediction", "concept", "performance", "serving")
    """Kinds that take a model back that was put in place within `probation`."""
    retrain: tuple[Kind, ...] = ("data", "concept", "performance")
    probation: timedelta = timedelta(days=30)
    cool_down: timedelta = timedelta(days=7)
    """How long after an action the same one is not taken again."""
    most: Annotated[int, Field(ge=0)] = 2
    """Actions of any kind but an incident within a day."""


class Reaction(_Model):
    """What was decided about an alarm, and why."""

    action: Action
    why: str
    alarm: str
    """Its id."""
    model: str
    at: datetime


def react(policy: Policy, alarm: Alarm, moved: datetime | None, past: Sequence[Reaction], now: datetime) -> Reaction:
    """What a firing alarm leads to. moved: when the model was put in place of another one, None when it is the first.

    past: earlier reactions to this name's alarms, in any order.
    """
    action, why = _wanted(policy, alarm, moved, now)
    acted = [one for one in past if one.action != "incident"]
    if action != "incident":
        same = [one.at for one in acted if one.action == action and now - one.at < policy.cool_down]
        if same:
            action, why = "incident", f"{why}, but a {action} of {max(same).isoformat()} is still cooling down"
        elif (today := sum(now - one.at < timedelta(days=1) for one in acted)) >= policy.most:
            action, why = "incident", f"{why}, but there were {today} actions within a day, {policy.most} are the most"
    return Reaction(action=action, why=why, alarm=alarm.id, model=alarm.model, at=now)


def recorded(store: ObjectStore, name: str) -> list[Reaction]:
    """Every reaction to the alarms of that name's models, oldest first. MON-005 when the record was changed."""
    return [Reaction.model_validate(one) for one in _chain(store, name).read()]


def record(store: ObjectStore, name: str, reaction: Reaction) -> None:
    """Add it to the hash chain of the name's reactions."""
    with _chain(store, name).writing() as add:
        add(reaction.model_dump(mode="json"))


def _wanted(policy: Policy, alarm: Alarm, moved: datetime | None, now: datetime) -> tuple[Action, str]:
    told = f"{alarm.name} has been firing since {alarm.since.isoformat()}"
    if alarm.kind in policy.rollback and moved is not None and now - moved <= policy.probation:
        return "rollback", f"{told}, and the model was put in place at {moved.isoformat()}"
    if alarm.kind in policy.retrain:
        return "retrain", told
    return "incident", told


def _chain(store: ObjectStore, name: str) -> Chain:
    return Chain(store, f"reactions/{name}", "MON-005")

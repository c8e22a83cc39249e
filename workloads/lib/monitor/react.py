"""React: what a firing alarm leads to. It decides and says why; whoever asked carries it out, through the gate.

A model that was put in place lately is suspected first, and taken back. An old one is trained anew. What happens too
often, or did not help, is a person's to look at. A decision is due until its outcome is on record: a kill loses none.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from workloads.lib.chain import Chain
from workloads.lib.monitor.raised import Kind, Raised
from workloads.lib.object_store import ObjectStore

Action = Literal["rollback", "retrain", "incident", "none"]
DAY = timedelta(days=1)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Policy(_Model):
    """When which action is taken without a person; an alarm of a kind in neither list is a person's."""

    rollback: tuple[Kind, ...] = ("prediction", "concept", "performance", "serving")
    """Kinds that take a model back that was put in place within `probation`."""
    retrain: tuple[Kind, ...] = ("data", "concept", "performance")
    probation: Annotated[timedelta, Field(ge=timedelta(0))] = timedelta(days=30)
    cool_down: Annotated[timedelta, Field(ge=timedelta(0))] = timedelta(days=7)
    """How long after an action the same one is not taken again, and how long an action may take to end its alarm."""
    most: Annotated[int, Field(ge=0)] = 2
    """Actions of any kind but an incident within a day; 0 leaves everything to people."""


class Reaction(_Model):
    """What was decided about an alarm, and why."""

    action: Action
    why: str
    alarm: str
    """Its id."""
    model: str
    at: datetime


def react(policy: Policy, alarm: Raised, moved: datetime | None, past: Sequence[Reaction], now: datetime) -> Reaction:
    """What an alarm leads to. moved: when the model was put in place of another one, None when it is the first.

    past: earlier reactions to this name's alarms, in any order. `none` when it does not fire, was answered and has the
    cool-down to end, or another alarm of the model got the same answer. What the clock puts in the future is just now.
    """
    action, why = _chosen(policy, alarm, moved, past, now)
    return Reaction(action=action, why=why, alarm=alarm.id, model=alarm.model, at=now)


def take(
    store: ObjectStore,
    name: str,
    policy: Policy,
    alarm: Raised,
    moved: datetime | None = None,
    now: datetime | None = None,
) -> Reaction:
    """Decide on what is on record, and record what is to be done. Two who ask at once get one action."""
    with _chain(store, name).writing() as add:
        made = react(policy, alarm, moved, recorded(store, name), now or datetime.now(UTC))
        if made.action != "none":
            add(made.model_dump(mode="json"))
        return made


def record(store: ObjectStore, name: str, reaction: Reaction) -> None:
    """Add it to the hash chain of the name's reactions."""
    with _chain(store, name).writing() as add:
        add(reaction.model_dump(mode="json"))


def done(store: ObjectStore, name: str, reaction: Reaction, outcome: str) -> None:
    """Record how carrying it out ended, such as the new model's digest or an error; once."""
    with _chain(store, name).writing() as add:
        if reaction in due(store, name):
            add({"done": reaction.model_dump(mode="json"), "outcome": outcome})


def recorded(store: ObjectStore, name: str) -> list[Reaction]:
    """Every reaction to the alarms of that name's models, oldest first. INC-009 when the record was changed."""
    return [Reaction.model_validate(one) for one in records(store, name) if "done" not in one]


def due(store: ObjectStore, name: str) -> list[Reaction]:
    """Those without an outcome: decided just now, or before a kill."""
    ended = [Reaction.model_validate(one["done"]) for one in records(store, name) if "done" in one]
    return [made for made in recorded(store, name) if made.action != "none" and made not in ended]


def records(store: ObjectStore, name: str) -> list[dict[str, Any]]:
    """The whole record: reactions, and {done, outcome}."""
    return _chain(store, name).read()


def _chosen(
    policy: Policy, alarm: Raised, moved: datetime | None, past: Sequence[Reaction], now: datetime
) -> tuple[Action, str]:
    told = f"{alarm.name} has been {alarm.state} since {alarm.since.isoformat()}"
    if alarm.state != "firing":
        return "none", told
    answers = [one for one in past if (one.alarm, one.model) == (alarm.id, alarm.model) and one.action != "none"]
    if answers:
        return _again(policy, max(answers, key=lambda one: one.at), told, now)
    action = _wanted(policy, alarm, moved, now)
    if action == "rollback":
        told = f"{told}, and the model was put in place at {moved and moved.isoformat()}"
    return (action, told) if action == "incident" else _within(policy, alarm, action, told, past, now)


def _again(policy: Policy, last: Reaction, told: str, now: datetime) -> tuple[Action, str]:
    """It fires since before the last reaction to it."""
    answered = f"{last.action} at {last.at.isoformat()}"
    if last.action != "incident" and now - last.at >= policy.cool_down:
        return "incident", f"{told}, in spite of {answered}"
    return "none", f"{told}, and was answered by {answered}"


def _wanted(policy: Policy, alarm: Raised, moved: datetime | None, now: datetime) -> Action:
    if alarm.kind in policy.rollback and moved is not None and now - moved <= policy.probation:
        return "rollback"
    return "retrain" if alarm.kind in policy.retrain else "incident"


def _within(
    policy: Policy, alarm: Raised, action: Action, told: str, past: Sequence[Reaction], now: datetime
) -> tuple[Action, str]:
    """The action, unless it, or any, was taken too lately."""
    acted = [one for one in past if one.action in ("rollback", "retrain")]
    same = [one for one in acted if one.action == action and now - one.at < policy.cool_down]
    if same:
        last = max(same, key=lambda one: one.at)
        if last.model == alarm.model:
            return "none", f"{told}, and a {action} of {last.at.isoformat()} answers this one of the model, too"
        return "incident", f"{told}, but a {action} of {last.at.isoformat()} is still cooling down"
    if (today := sum(now - one.at < DAY for one in acted)) >= policy.most:
        return "incident", f"{told}, but there were {today} actions within a day, {policy.most} are the most"
    return action, told


def _chain(store: ObjectStore, name: str) -> Chain:
    return Chain(store, f"reactions/{name}", "INC-009")

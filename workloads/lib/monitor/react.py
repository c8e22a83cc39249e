"""React to an alarm: retrain, roll back, or call people. This decides and records; the lifecycle carries it out.

A reaction that did not help, or came too often, is not tried again: people are called. A decision stays due until its
outcome is recorded, so that none is lost to a kill.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from workloads.lib.chain import Chain
from workloads.lib.monitor.raised import Kind, Raised, firing
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry.entry import checked

Action = Literal["retrain", "rollback", "incident", "none"]
DAY = timedelta(days=1)
ON: dict[Kind, Action] = {
    "data": "retrain",
    "prediction": "incident",
    "concept": "retrain",
    "performance": "rollback",
    "serving": "rollback",
}


class Policy(BaseModel):
    """Which alarm leads to what, and how often anything may be done without a person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: dict[Kind, Action] = ON
    """An alarm of a kind that is not named leads to an incident."""
    cool_down: timedelta = DAY
    """Between two reactions of one kind, and for how long a reaction may take to end its alarm."""
    most_a_day: int = Field(default=2, ge=0)
    """Retrainings and rollbacks within 24 hours; 0 leaves everything to people."""

    @field_validator("cool_down")
    @classmethod
    def _forward(cls, value: timedelta) -> timedelta:
        if value < timedelta(0):
            raise ValueError("it is negative")
        return value


class Reaction(BaseModel):
    """What is to be done about an alarm, and why that."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Action
    why: str
    firing: str
    """The alarm's name, since when it fires, and its model."""
    kind: Kind
    model: str
    at: datetime


def decide(policy: Policy, alarm: Raised, history: Sequence[Reaction], now: datetime) -> Reaction:
    """What to do about `alarm`, given all reactions so far to this workload's alarms, oldest first. Pure.

    `none` when it does not fire, or was answered and is given the cool-down to end, or people were called already.
    Reactions that the clock puts in the future count as just made.
    """
    action, why = _choose(policy, alarm, history, now)
    at = now.astimezone(UTC)
    return Reaction(action=action, why=why, firing=firing(alarm), kind=alarm.kind, model=alarm.model, at=at)


def _choose(policy: Policy, alarm: Raised, history: Sequence[Reaction], now: datetime) -> tuple[Action, str]:
    if alarm.state != "firing":
        return "none", f"the alarm is {alarm.state}"
    if answered := [past for past in history if past.firing == firing(alarm) and past.action != "none"]:
        return _again(policy, answered[-1], now)
    wanted = policy.on.get(alarm.kind, "incident")
    if wanted in ("incident", "none"):
        return wanted, f"the policy for {alarm.kind} alarms"
    acted = [past for past in history if past.action in ("retrain", "rollback")]
    same = [past for past in acted if past.action == wanted and now - past.at < policy.cool_down]
    if same and same[-1].model == alarm.model:
        return "none", f"{wanted} of {_told(same[-1].at)}, for another alarm of this model, answers this one, too"
    if same:
        return "incident", f"instead of {wanted}: the last one was {_told(same[-1].at)}, for the model before this one"
    if (today := sum(now - past.at < DAY for past in acted)) >= policy.most_a_day:
        return "incident", f"instead of {wanted}: {today} reactions in 24 hours, the most is {policy.most_a_day}"
    return wanted, f"the policy for {alarm.kind} alarms"


def _again(policy: Policy, last: Reaction, now: datetime) -> tuple[Action, str]:
    """The alarm fires since before the last reaction to it."""
    if last.action != "incident" and now - last.at >= policy.cool_down:
        return "incident", f"it still fires after {last.action} of {_told(last.at)}"
    return "none", f"answered with {last.action} on {_told(last.at)}"


def _told(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


@dataclass(frozen=True)
class Reactions:
    """The reactions to the alarms of one name's models, in a sealed hash chain. INC-009 when it is not as written."""

    store: ObjectStore
    name: str

    def take(self, policy: Policy, alarm: Raised, now: datetime | None = None) -> Reaction:
        """Decide, and record what is to be done; `none` is not recorded. Two who ask at once get one reaction."""
        with self.chain.writing() as append:
            made = decide(policy, alarm, self.history(), now or datetime.now(UTC))
            if made.action != "none":
                append({"decided": made.model_dump(mode="json")})
            return made

    def done(self, reaction: Reaction, outcome: str) -> None:
        """Record how carrying it out ended, such as the new model's digest or an error; once."""
        with self.chain.writing() as append:
            if reaction in self.due():
                append({"done": reaction.model_dump(mode="json"), "outcome": outcome})

    def history(self) -> list[Reaction]:
        """Every reaction that was decided, oldest first."""
        return [Reaction.model_validate(one["decided"]) for one in self.chain.read() if "decided" in one]

    def due(self) -> list[Reaction]:
        """Those without an outcome: decided just now, or before a kill."""
        ended = [Reaction.model_validate(one["done"]) for one in self.chain.read() if "done" in one]
        return [made for made in self.history() if made not in ended]

    def records(self) -> list[dict[str, Any]]:
        """All of it: {decided} and {done, outcome}."""
        return self.chain.read()

    @property
    def chain(self) -> Chain:
        """Where they are kept."""
        checked(self.name)
        return Chain(self.store, f"reactions/{self.name}", "INC-009")

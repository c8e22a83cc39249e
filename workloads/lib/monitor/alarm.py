"""Alarms: what was bad so often in a row that somebody is to hear of it, once. Their state is a sealed object."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from infra.errors import FalajError
from workloads.lib.lock import held
from workloads.lib.monitor.raised import Kind, State
from workloads.lib.workspace import Workspace

OBJECT = "alarms"


class Alarm(BaseModel):
    """What one alarm is after its last window.

    ok · pending: bad, not for long enough · firing · resolved: it fired and has just ended; ok from the next window on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Kind
    model: str
    """Digest of the model that is watched."""
    state: State = "ok"
    since: datetime
    """The window in which the state began."""
    at: datetime
    """The last window."""
    bad: int = 0
    good: int = 0
    """Windows in a row that were so; one of the two is 0."""
    detail: dict[str, Any] = {}
    """What was seen in the last window."""
    began: datetime
    """The first bad window of the last time that it was pending or firing."""
    told: str = ""
    """`id` and state that were told of last."""
    told_at: datetime | None = None
    news: bool = False
    """Whether somebody is to hear of it: it fires or ended, and was not told so."""

    @property
    def id(self) -> str:
        """The same for every window of one time that it fires, and for its end."""
        return f"{self.name}@{self.began.isoformat()}"


@dataclass(frozen=True)
class Alarms:
    """The alarms of one model, in one sealed object of a workspace.

    for_: bad windows in a row until one fires. clear: good windows in a row until it ends. cool_down: how long after
    something was told of it, it may fire again in silence.
    """

    work: Workspace
    model: str = ""
    for_: int = 2
    clear: int = 1
    cool_down: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        if min(self.for_, self.clear) < 1:
            raise FalajError("MON-004", "alarms", f"for_ is {self.for_} and clear {self.clear}, both are 1 at least")

    def observe(
        self, name: str, value_is_bad: bool, at: datetime, detail: dict[str, Any], *, kind: Kind = "data"
    ) -> Alarm:
        """What the alarm is after this window. MON-004 when the instant has no time zone.

        A window that does not come after the last one was counted already, or is late: it changes nothing.
        """
        if at.tzinfo is None:
            raise FalajError("MON-004", f"alarm {name}", f"{at.isoformat()} has no time zone")
        at = at.astimezone(UTC)
        with held(self.work.store, self._lock):
            known = self._read()
            before = known.get(name) or Alarm(name=name, kind=kind, model=self.model, since=at, at=at, began=at)
            if name in known and at <= before.at:
                return before
            seen = {"kind": kind, "model": self.model, "at": at, "detail": detail}
            return self._write(known, before.model_copy(update=seen | self._moved(before, value_is_bad, at)))

    def told(self, alarm: Alarm) -> Alarm:
        """Somebody heard of it: no news any more. Until this is called it stays news, so that a kill loses none."""
        with held(self.work.store, self._lock):
            known = self._read()
            now = known[alarm.name]
            heard = {"told": f"{alarm.id} {alarm.state}", "told_at": alarm.at}
            return self._write(known, now.model_copy(update=heard))

    def all(self) -> list[Alarm]:
        """Every alarm that was ever observed, by name, as its last window left it."""
        return [alarm for _, alarm in sorted(self._read().items())]

    def _moved(self, was: Alarm, bad: bool, at: datetime) -> dict[str, Any]:
        """State, since when, and counts after one more window."""
        runs = {"bad": was.bad + 1, "good": 0} if bad else {"bad": 0, "good": was.good + 1}
        firing = was.state == "firing"
        if bad:
            began = was.began if firing or was.bad else at
            state: State = "firing" if firing or runs["bad"] >= self.for_ else "pending"
        else:
            began = was.began
            state = "ok" if not firing else "resolved" if runs["good"] >= self.clear else "firing"
        return {**runs, "state": state, "began": began, "since": was.since if state == was.state else at}

    def _is_news(self, alarm: Alarm) -> bool:
        told = alarm.told.startswith(f"{alarm.id} ")
        if alarm.state == "firing":
            return not told and (alarm.told_at is None or alarm.at - alarm.told_at >= self.cool_down)
        return alarm.state == "resolved" and alarm.told == f"{alarm.id} firing"

    @property
    def _lock(self) -> str:
        return f"{self.work.prefix}/{OBJECT}"

    def _read(self) -> dict[str, Alarm]:
        stored: dict[str, dict[str, Any]] = self.work.find_json(OBJECT, {})
        return {name: Alarm.model_validate(fields) for name, fields in stored.items()}

    def _write(self, known: dict[str, Alarm], alarm: Alarm) -> Alarm:
        known[alarm.name] = alarm = alarm.model_copy(update={"news": self._is_news(alarm)})
        self.work.put_json(OBJECT, {name: one.model_dump(mode="json") for name, one in known.items()})
        return alarm

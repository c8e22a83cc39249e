# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Look: what was asked of the served model since the last look, against its profile; who is told, what is done.

One look is one window. What the policy wants is done at once where it only undoes (a rollback) or calls people (an
incident); a retraining is on record as due until `falaj run` has made the next model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from workloads.lib import serve
from workloads.lib.incident.call import call
from workloads.lib.incident.incident import contain, every
from workloads.lib.incident.metrics import of_incidents
from workloads.lib.monitor import exposition, react
from workloads.lib.monitor.alarm import Alarm, Alarms
from workloads.lib.monitor.exposition import of_alarms, of_figure
from workloads.lib.monitor.message import Message
from workloads.lib.monitor.notify import Channels, Outbox
from workloads.lib.monitor.profile import Profile
from workloads.lib.monitor.react import Policy, Reaction
from workloads.lib.monitor.watch import Window, logged, watch
from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import Platform
from workloads.lib.registry import Model, Registry
from workloads.lib.registry.alias import PRODUCTION
from workloads.lib.registry.log import Log
from workloads.lib.serve import log
from workloads.lib.workspace import Workspace

LEAST = 200
"""Answers of a window: with fewer, the next look takes them, too."""
LOOKED = "looked"


@dataclass(frozen=True)
class Look:
    """One look at an endpoint."""

    platform_file: Path
    platform: Platform
    name: str
    channels: Channels = field(default_factory=Channels)
    policy: Policy = field(default_factory=Policy)
    every: timedelta = timedelta(hours=1)
    """How often somebody looks: what the metrics say of themselves."""

    @cached_property
    def store(self) -> ObjectStore:
        """The platform's, opened once: a passphrase costs a tenth of a second."""
        return self.platform.open_store()

    def look(self, now: datetime | None = None) -> dict[str, Any]:
        """{model, since, answers, window, reactions, delivery}; no window when there were fewer than LEAST answers.

        MON-005 when nothing is served, or requests are logged without their columns. Errors are those of `watch`.
        """
        now, store = now or datetime.now(UTC), self.store
        digest = serve.served(self.platform, f"/{self.name}")
        if digest is None:
            raise FalajError("MON-005", f"endpoint {self.name}", "nobody answers there")
        model = Registry(store).load(self.name, digest)
        work = Workspace(store, f"monitor/{self.name}/{digest.removeprefix('sha256:')[:16]}")
        since = work.find_json(LOOKED, {"until": None})["until"]
        records = self._answers(model, since and datetime.fromisoformat(since), now)
        told: dict[str, Any] = {"name": self.name, "model": digest, "since": since, "answers": len(records)}
        if len(records) < LEAST:
            return {**told, "window": None, "reactions": [], "least": LEAST}
        alarms = Alarms(work, digest, for_=1)
        seen = self._watched(model, alarms, records, now)
        made = [self._react(model, alarms, alarm, now) for alarm in seen.alarms if alarm.news]
        work.put_json(LOOKED, {"until": now.isoformat()})
        delivered = Outbox(store, self.channels).deliver()
        self._expose(model, alarms, seen, now)
        sent = {"sent": delivered.sent, "waiting": delivered.waiting, "errors": delivered.errors}
        return {**told, "window": seen.as_dict(), "reactions": made, "delivery": sent}

    def _answers(self, model: Model, since: datetime | None, now: datetime) -> list[log.Record]:
        """Those that this model gave clients in the window."""
        until = now.isoformat(timespec="milliseconds")
        records = log.read(self.store, self.name, since)
        said = [one for one in records if one["model"] == model.digest and one["prediction"] is not None]
        return [one for one in said if one["reason"] != "shadow" and one["at"] < until]

    def _watched(self, model: Model, alarms: Alarms, records: Sequence[log.Record], now: datetime) -> Window:
        profile = Profile.read(model)
        if bare := [one["request"] for one in records if not profile.columns.keys() <= one.get("row", {}).keys()]:
            problem = f"{len(bare)} of {len(records)} answers are logged without {', '.join(profile.columns)}"
            raise FalajError("MON-005", f"endpoint {self.name}", problem)
        return watch(profile, alarms, now, *logged(records, profile.columns))

    def _react(self, model: Model, alarms: Alarms, alarm: Alarm, now: datetime) -> dict[str, Any]:
        """What is done about the news of an alarm; everybody is told of both."""
        made, incident = react.take(self.store, self.name, self.policy, alarm, self._moved(), now), ""
        if made.action in ("incident", "rollback"):
            personal = bool(model.facts["data"]["persons"])
            incident = call(self.platform, self.store, self.name, alarm, made, personal=personal, reactions=self.name)
        if made.action == "rollback":
            self._roll_back(model, made, incident)
        message = Message.of(self.platform.stack, self.name, alarm, reaction=made.action, incident=incident)
        Outbox(self.store, self.channels).put(message)
        alarms.told(alarm)
        told = {"alarm": alarm.name, "kind": alarm.kind, "state": alarm.state}
        return {**told, "action": made.action, "why": made.why, "incident": incident}

    def _moved(self) -> datetime | None:
        """When production was put on its model in place of another one."""
        past = Log(self.store, self.name).records()
        moves = [record for record in past if record.pointer == PRODUCTION and record.kind in ("move", "rollback")]
        return datetime.fromisoformat(moves[-1].at) if len(moves) > 1 and moves[-1].kind == "move" else None

    def _roll_back(self, model: Model, made: Reaction, incident: str) -> None:
        """Production and endpoint go back to the model before; when there is none, the incident says so."""
        from workloads.lib.release import request
        from workloads.lib.serve.plan import Plan
        from workloads.lib.serve.rollout import roll_out

        try:
            back = request.rollback(self.platform, self.name, "previous", made.why)
        except FalajError as error:
            react.done(self.store, self.name, made, str(error))
            return
        plan = Plan.alone(str(back.model), back.decision, tuple(Profile.read(model).columns))
        roll_out(self.platform_file, self.platform, self.name, plan)
        contain(self.store, incident, why=f"production is back at {back.model}")
        react.done(self.store, self.name, made, str(back.model))

    def _expose(self, model: Model, alarms: Alarms, seen: Window, now: datetime) -> None:
        """What Prometheus reads, beside the platform file."""
        samples = of_alarms(self.name, alarms.all())
        samples += [
            of_figure(self.name, model.digest, n, one.value, estimated=True) for n, one in seen.estimated.items()
        ]
        samples += of_incidents(one for one in every(self.store) if one.name == self.name)
        folder = self.platform_file.parent / "metrics"
        folder.mkdir(exist_ok=True)
        exposition.write(folder / f"{self.name}.prom", samples, every=self.every, now=now)

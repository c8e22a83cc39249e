# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Look: what was asked of the served model since the last look, against its profile; who is told, what is done.

One look is one window. What the policy wants is done at once where it only undoes (a rollback) or calls people (an
incident); a retraining is on record as due until `falaj run` has made the next model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from infra.errors import FalajError
from workloads.lib import serve
from workloads.lib.incident.incident import contain, every, open_
from workloads.lib.incident.metrics import of_incidents
from workloads.lib.monitor import exposition, react
from workloads.lib.monitor.alarm import Alarm, Alarms
from workloads.lib.monitor.exposition import of_alarms, of_figure
from workloads.lib.monitor.message import Message
from workloads.lib.monitor.notify import Channels, Outbox
from workloads.lib.monitor.profile import Profile
from workloads.lib.monitor.react import Policy, Reaction
from workloads.lib.monitor.watch import Window, watch
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

    def look(self, now: datetime | None = None) -> dict[str, Any]:
        """{model, since, answers, window, reactions, delivery}; no window when there were fewer than LEAST answers.

        MON-005 when nothing is served, or requests are logged without their columns. Errors are those of `watch`.
        """
        now, store = now or datetime.now(UTC), self.platform.open_store()
        digest = serve.served(self.platform, f"/{self.name}")
        if digest is None:
            raise FalajError("MON-005", f"endpoint {self.name}", "nobody answers there")
        model = Registry(store).load(self.name, digest)
        work = Workspace(store, f"monitor/{self.name}/{digest.removeprefix('sha256:')[:16]}")
        since = work.get_json(LOOKED)["until"] if work.has(LOOKED) else None
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
        records = log.read(self.platform.open_store(), self.name, since)
        said = [one for one in records if one["model"] == model.digest and one["prediction"] is not None]
        return [one for one in said if one["reason"] != "shadow" and one["at"] < until]

    def _watched(self, model: Model, alarms: Alarms, records: Sequence[log.Record], now: datetime) -> Window:
        import pyarrow as pa

        profile = Profile.read(model)
        if bare := [one["request"] for one in records if not profile.columns.keys() <= one.get("row", {}).keys()]:
            problem = f"{len(bare)} of {len(records)} answers are logged without {', '.join(profile.columns)}"
            raise FalajError("MON-005", f"endpoint {self.name}", problem)
        columns = {name: pa.array([one["row"][name] for one in records]) for name in profile.columns}
        return watch(profile, alarms, now, columns, np.array([one["prediction"] for one in records]))

    def _react(self, model: Model, alarms: Alarms, alarm: Alarm, now: datetime) -> dict[str, Any]:
        """What is done about the news of an alarm; everybody is told of both."""
        store = self.platform.open_store()
        made, incident = react.take(store, self.name, self.policy, alarm, self._moved(), now), ""
        if made.action in ("incident", "rollback"):
            personal = bool(model.facts["data"]["persons"])
            opened = open_(self.platform, self.name, alarm=alarm, model=model.digest, personal=personal, why=made.why)
            incident = opened.id
            if made.action == "incident":
                react.done(store, self.name, made, incident)
            else:
                self._roll_back(model, made, incident)
        message = Message.of(self.platform.stack, self.name, alarm, reaction=made.action, incident=incident)
        Outbox(store, self.channels).put(message)
        alarms.told(alarm)
        told = {"alarm": alarm.name, "kind": alarm.kind, "state": alarm.state}
        return {**told, "action": made.action, "why": made.why, "incident": incident}

    def _moved(self) -> datetime | None:
        """When production was put on its model in place of another one."""
        log = Log(self.platform.open_store(), self.name).records()
        moves = [record for record in log if record.pointer == PRODUCTION and record.kind in ("move", "rollback")]
        return datetime.fromisoformat(moves[-1].at) if len(moves) > 1 and moves[-1].kind == "move" else None

    def _roll_back(self, model: Model, made: Reaction, incident: str) -> None:
        """Production and endpoint go back to the model before; when there is none, the incident says so."""
        from workloads.lib.release import request
        from workloads.lib.serve.plan import Plan
        from workloads.lib.serve.rollout import roll_out

        store = self.platform.open_store()
        try:
            back = request.rollback(self.platform, self.name, "previous", made.why)
        except FalajError as error:
            react.done(store, self.name, made, str(error))
            return
        plan = Plan.alone(str(back.model), back.decision, tuple(Profile.read(model).columns))
        roll_out(self.platform_file, self.platform, self.name, plan)
        contain(store, incident, why=f"production is back at {back.model}")
        react.done(store, self.name, made, str(back.model))

    def _expose(self, model: Model, alarms: Alarms, seen: Window, now: datetime) -> None:
        """What Prometheus reads, beside the platform file."""
        store = self.platform.open_store()
        samples = of_alarms(self.name, alarms.all())
        samples += [
            of_figure(self.name, model.digest, n, one.value, estimated=True) for n, one in seen.estimated.items()
        ]
        samples += of_incidents(one for one in every(store) if one.name == self.name)
        folder = self.platform_file.parent / "metrics"
        folder.mkdir(exist_ok=True)
        exposition.write(folder / f"{self.name}.prom", samples, every=self.every, now=now)

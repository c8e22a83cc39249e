# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The replay: period after period is asked through the endpoint and watched; what the alarms ask for is done.

Nothing of it is pretended but the calendar and the drill: requests go through router and log, a retrained model through
training and the release gate, and `production` moves and moves back in the registry.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from infra.errors import FalajError
from workloads.lib.experiment import decide
from workloads.lib.experiment.outcomes import closeness, correct, join
from workloads.lib.experiment.sequential import planned
from workloads.lib.incident.call import call
from workloads.lib.incident.incident import contain, recover
from workloads.lib.lifecycle.prepare import of_periods
from workloads.lib.lifecycle.run import Run, short
from workloads.lib.lifecycle.spec import Replay, Split
from workloads.lib.lifecycle.workload import AT, ID, Workload
from workloads.lib.monitor import react
from workloads.lib.monitor.alarm import Alarm, Alarms
from workloads.lib.monitor.drift import drift
from workloads.lib.monitor.profile import Profile
from workloads.lib.monitor.raised import KINDS
from workloads.lib.monitor.react import Policy, Reaction
from workloads.lib.monitor.watch import confirm, logged, watch
from workloads.lib.platform import Platform
from workloads.lib.progress import Progress
from workloads.lib.registry import Model, alias
from workloads.lib.registry.alias import PRODUCTION
from workloads.lib.release import request
from workloads.lib.replay import traffic
from workloads.lib.replay.traffic import Sent, send
from workloads.lib.serve.endpoint import url
from workloads.lib.serve.log import Record
from workloads.lib.serve.plan import Arm, Plan
from workloads.lib.serve.rollout import roll_out
from workloads.lib.workspace import Workspace, alone

CHALLENGER = "challenger"
YEAR = timedelta(days=400)
"""A window is a month or a year here, so a cool-down is as long."""
POLICY = Policy(rollback=KINDS, probation=YEAR, cool_down=YEAR)
"""While a model has just taken the place of another one, whatever fires takes it back."""
LOOKS = 4
"""How often the experiment is looked at while its requests come in."""


def replay(workload: Workload, platform_file: Path, progress: Progress) -> dict[str, Any]:
    """Play the workload's periods; what happened. WRK-020 when its spec has no replay."""
    if workload.spec.replay is None:
        raise FalajError("WRK-020", f"workload {workload.name}", "its spec.yaml has no `replay`")
    platform = Platform.load(platform_file)
    platform.enter()
    with alone(platform_file.parent, workload.name) as scratch:
        return Story(workload, workload.spec.replay, platform_file, platform, scratch, progress).told()


class Story:
    """One replay, and what it knows."""

    def __init__(
        self,
        workload: Workload,
        spec: Replay,
        platform_file: Path,
        platform: Platform,
        scratch: Path,
        progress: Progress,
    ) -> None:
        self.workload, self.name, self.spec = workload, workload.name, spec
        self.platform_file, self.platform, self.progress = platform_file, platform, progress
        self.store, self.scratch = platform.open_store(), scratch
        began = datetime.now(UTC)
        self.id = f"{began:%Y%m%dT%H%M%S}"
        self.work = Workspace(self.store, f"replay/{self.name}/{self.id}")
        self.reactions = f"{self.name[:20]}-{self.id}".lower()
        self.moved: datetime | None = None
        """When production was moved, by the replay's calendar."""
        self.periods: list[dict[str, Any]] = []
        self.retrained = False
        self.decisions: dict[str, str] = {}
        """The gate's allow of each model."""
        self.deviation: float | None = None

    def told(self) -> dict[str, Any]:
        """The story from the first period to the last line."""
        champion = self.begin()
        try:
            found = self.play(champion)
        except BaseException:
            self.restore(champion)
            raise
        result = {"replay": self.id, "workload": self.name, "periods": self.periods, "experiment": found}
        result["reactions"] = [one.model_dump(mode="json") for one in react.recorded(self.store, self.reactions)]
        self.work.put_json("result", result)
        return result

    def play(self, champion: Model) -> dict[str, Any]:
        """Period after period; what the experiment found."""
        challenger: Model | None = None
        found: dict[str, Any] = {}
        for period in self.spec.periods:
            if challenger is None:
                asked_for = self.retraining(period, self.live(period, champion))
                challenger = self.retrain(period) if asked_for and not found else None
                continue
            found = self.compare(period, champion, challenger)
            if found["verdict"] == "promote-request":
                self.promote(period, challenger)
                found["rollback"] = self.drill(period, challenger, champion)
            else:
                self.withdraw(champion)
            challenger = None
        return found

    def restore(self, champion: Model) -> None:
        """The replay broke: endpoint and production are as they were found."""
        self.roll_out(self.plan(champion))
        if alias.current(self.store, self.name, PRODUCTION) != champion.digest:
            request.rollback(self.platform, self.name, champion.digest, f"replay {self.id} broke")

    def begin(self) -> Model:
        """The workload is served by the model that its spec makes, and the router logs what is asked."""
        run = Run(self.workload, self.platform_file, self.platform, self.scratch, self.progress)
        model, tracked = run.made()
        run.deliver(model, tracked)
        self.examples = run.work.get_rows("examples")
        self.names = self.workload.inputs
        self.decisions[model.digest] = run.work.get_json("decision")["id"]
        with self.progress.step("watch") as step:
            self.roll_out(self.plan(model))
            step.done(f"{len(self.names)} columns of each request are logged for drift")
        return model

    def live(self, period: int, model: Model) -> list[Alarm]:
        """A period: asked, watched before its labels are there, and once they are."""
        rows = self.drawn(period, self.spec.requests)
        with self.progress.step(f"live {period}") as step:
            records, sent = self.asked(rows)
            columns, said = logged(records, self.names)
            end, profile, alarms = self.end_of(period), Profile.read(model), self.alarms(model)
            seen = watch(profile, alarms, end, columns, said)
            minor = sorted(name for name, one in seen.drift.columns.items() if one.level == "minor")
            step.done(f"{sent}; {_drifted(seen.drift.alarms, minor)}")
        with self.progress.step(f"labels {period}") as step:
            labels = self.labels(rows, sent.requests)
            known = [one for one in records if one["request"] in labels and one["prediction"] is not None]
            truth = np.array([labels[one["request"]] for one in known])
            scores = np.array([one["prediction"] for one in known])
            true, _ = confirm(profile, alarms, end, truth, scores, seen.drift)
            foreseen = seen.estimated.get(self.workload.metric)
            self.deviation = float(np.std([self.judge(s, t) for s, t in zip(scores, truth, strict=True)]))
            step.done(f"{self.workload.metric} {_interval(true)}, foreseen {_interval(foreseen)}, {len(known):,} known")
        fired = [one for one in alarms.all() if one.state == "firing"]
        self.periods.append(
            {
                "period": period,
                "model": model.digest,
                "requests": len(sent.requests),
                "failed": sent.failed,
                "per_second": round(len(sent.requests) / sent.seconds, 1),
                "drift": seen.as_dict(),
                "performance": true.as_dict(),
                "firing": [one.name for one in fired],
            }
        )
        return fired

    def retraining(self, period: int, fired: Sequence[Alarm]) -> bool:
        """Whether a new model is to be trained now: an alarm asks for it, or the calendar does."""
        reactions = [self.reaction(alarm, period) for alarm in fired]
        if any(one.action == "retrain" for one in reactions):
            return True
        if period == self.spec.retrain and not self.retrained:
            with self.progress.step("schedule") as step:
                step.done(f"no alarm asked for it: a new model is due after {period}")
            return True
        return False

    def reaction(self, alarm: Alarm, period: int) -> Reaction:
        """What the policy says to a firing alarm, on record."""
        with self.progress.step("react") as step:
            found = react.take(self.store, self.reactions, POLICY, alarm, self.moved, self.end_of(period))
            called = self.incident(alarm, found) if found.action == "incident" else ""
            step.done(f"{alarm.name}: {called or found.action}, {found.why}")
        return found

    def retrain(self, period: int) -> Model:
        """A model of all that is known by now, tested on the last period, through every step and the gate."""
        split = self.workload.spec.split
        before = (*split.train, *split.validate_, *split.test, *self.spec.periods)
        known = tuple(sorted({one for one in before if one < period}))
        new = Split.model_validate({"train": known, "test": (period,)})
        spec = self.workload.spec.model_copy(update={"split": new})
        again = Run(type(self.workload)(spec), self.platform_file, self.platform, self.scratch, self.progress)
        model, _ = again.made()
        self.retrained = True
        self.decisions[model.digest] = again.delivery(model).allowed()
        for asked_for in react.due(self.store, self.reactions):
            react.done(self.store, self.reactions, asked_for, model.digest)
        return model

    def compare(self, period: int, champion: Model, challenger: Model) -> dict[str, Any]:
        """The experiment: half of the subjects each, guardrails while requests come in, outcomes once labels do."""
        alone, allow = self.plan(champion), self.decisions[challenger.digest]
        new = Arm(name=CHALLENGER, model=challenger.digest, decision=allow)
        plan = Plan(experiment=f"retrained-{period}", arms=(*alone.arms, new), stage=50, logged=alone.logged)
        began = datetime.now(UTC)
        rows = self.drawn(period, self.spec.compared)
        rho = planned(self.deviation or 1.0, self.spec.compared // 2)
        records: list[Record] = []
        requests: dict[str, str] = {}
        failed = 0
        with self.progress.step(f"A/B {period}") as step:
            stages = [plan.stage]
            self.roll_out(plan)
            for look in range(LOOKS):
                some = rows.slice(look * rows.num_rows // LOOKS, rows.num_rows // LOOKS)
                found, sent = self.asked(some)
                records, requests, failed = records + found, requests | sent.requests, failed + sent.failed
                seen = decide.decide(plan, CHALLENGER, found, self.outcomes(plan, records, {}), rho)
                if seen.verdict == "rollback":
                    break
                if (followed := decide.followed(plan, seen)) != plan:
                    plan = followed
                    stages.append(plan.stage)
                    self.roll_out(plan)
                step.say(f"look {look + 1}: {'; '.join(seen.why)}")
            labels = self.labels(rows, requests)
            outcomes = self.outcomes(plan, records, labels)
            seen = decide.decide(plan, CHALLENGER, records, outcomes, rho, margin=self.spec.margin)
            said = f"{len(requests):,} answered, {failed} failed, stages {' → '.join(map(str, stages))} %"
            step.done(f"{said}; {seen.verdict}: {'; '.join(seen.why)}")
        told = seen.as_dict() | {"period": period, "requests": len(requests), "failed": failed, "stages": stages}
        told |= {"champion": champion.digest, "challenger": challenger.digest, "subjects": outcomes.subjects}
        self.work.put_json("experiment", {**told, "since": began.isoformat()})
        return told

    def promote(self, period: int, model: Model) -> None:
        """The experiment asks, the gate has allowed it: production points at the new model, and all get it."""
        with self.progress.step("promote") as step:
            allow, log = self.decisions[model.digest], self.platform.decision_log
            why = f"replay {self.id}: no worse in the experiment, and the gate allowed it"
            alias.move(self.store, self.name, PRODUCTION, model.digest, why=why, decision=allow, decisions=log)
            self.roll_out(self.plan(model))
            self.moved = self.end_of(period)
            step.done(f"{PRODUCTION} points at {model.digest[:19]}…, by decision {allow[:8]}")

    def drill(self, period: int, model: Model, before: Model) -> dict[str, Any]:
        """A fault upstream spoils a column; the alarm takes the model back that was put in place last."""
        fault, rows = self.spec.drill, self.drawn(period, self.spec.requests, seed=1)
        with self.progress.step("drill") as step:
            records, sent = self.asked(rows, spoilt=True)
            columns, said = logged(records, self.names)
            now = datetime.now(UTC)
            seen = watch(Profile.read(model), self.alarms(model), self.end_of(period), columns, said)
            share = f"{fault.column} is {fault.value} in {fault.share:.0%} of {len(sent.requests):,} requests"
            step.done(f"{share}; {_drifted(seen.drift.alarms, ())}")
        fired = [(alarm, self.reaction(alarm, period)) for alarm in seen.alarms if alarm.state == "firing"]
        alarm, took = next(((one, by) for one, by in fired if by.action == "rollback"), (None, None))
        incident = self.incident(alarm, took) if alarm and took else ""
        with self.progress.step("rollback") as step:
            why = took.why if took else "no alarm asked for it"
            request.rollback(self.platform, self.name, before.digest, f"replay {self.id}: {why}")
            self.roll_out(self.plan(before))
            seconds = (datetime.now(UTC) - now).total_seconds()
            back = f"{PRODUCTION} points at {before.digest[:19]}… again"
            step.done(f"{back}, {seconds:.1f} s after the alarm; {incident or why}")
        if took:
            react.done(self.store, self.reactions, took, f"{PRODUCTION} points at {before.digest}")
            contain(self.store, incident, why=f"{PRODUCTION} was taken back to {before.digest[:19]}…")
        self.moved = None
        if self.recovered(period, before) and incident:
            recover(self.store, incident, why="the same rows, unspoilt, raise no alarm")
        return {
            "alarms": list(seen.drift.alarms),
            "incident": incident,
            "drift": seen.as_dict(),
            "reaction": took and took.model_dump(mode="json"),
        }

    def recovered(self, period: int, model: Model) -> bool:
        """The fault is over: whether the same rows, as they are, raise no alarm."""
        with self.progress.step("recover") as step:
            records, sent = self.asked(self.drawn(period, self.spec.requests, seed=1))
            columns, said = logged(records, self.names)
            seen = drift(Profile.read(model), columns, said)
            step.done(f"{sent}; {_drifted(seen.alarms, ())}")
        return not seen.alarms

    def incident(self, alarm: Alarm, why: Reaction) -> str:
        """People are called; the incident's id."""
        personal = self.workload.persons
        return call(self.platform, self.store, self.name, alarm, why, personal=personal, reactions=self.reactions)

    def withdraw(self, champion: Model) -> None:
        """The challenger goes; its model stays in the registry."""
        with self.progress.step("withdraw") as step:
            self.roll_out(self.plan(champion))
            step.done("everyone gets the champion")

    def asked(self, rows: Any, spoilt: bool = False) -> tuple[list[Record], Sent]:
        """The rows through the endpoint, and the log's records of them."""
        since = datetime.now(UTC)
        bodies: list[dict[str, Any]] = rows.select(self.workload.request.names).to_pylist()
        if spoilt:
            fault = self.spec.drill
            bodies = [
                body | {fault.column: fault.value} if at < fault.share * len(bodies) else body
                for at, body in enumerate(bodies)
            ]
        sent = send(url(self.platform, f"/{self.name}/predict"), bodies, rows[ID].to_pylist())
        return traffic.logged(self.store, self.name, sent, since), sent

    def labels(self, rows: Any, requests: Mapping[str, str]) -> dict[str, float]:
        """{request: what was true}, of the rows whose outcome is known."""
        truth = dict(zip(rows[ID].to_pylist(), rows[self.workload.target].to_pylist(), strict=True))
        return {request: float(truth[who]) for request, who in requests.items() if truth[who] is not None}

    def judge(self, said: float, truth: float) -> float:
        """How good an answer was; more is better."""
        return (correct if self.workload.task == "classification" else closeness)(said, truth)

    def outcomes(self, plan: Plan, records: Sequence[Record], labels: Mapping[str, float]) -> Any:
        """Late labels joined to what was said in the experiment."""
        return join(records, labels, plan.experiment, self.judge)

    def drawn(self, period: int, count: int, seed: int = 0) -> Any:
        """So many of the period's rows whose outcome will be known, drawn with a seed."""
        rows = of_periods(self.examples, (period,), self.workload.target)
        if not rows.num_rows:
            raise FalajError("WRK-020", f"period {period} of {self.name}", "there are no rows of it")
        random = np.random.default_rng([self.workload.spec.training.seed, period, seed])
        return rows.take(random.permutation(rows.num_rows)[:count])

    def end_of(self, period: int) -> datetime:
        """When the last row of the period was asked for, by the data's own calendar."""
        import pyarrow.compute as pc

        rows = of_periods(self.examples, (period,), self.workload.target)
        return pc.max(rows[AT]).as_py()  # pyright: ignore[reportAttributeAccessIssue]

    def alarms(self, model: Model) -> Alarms:
        """Those of a model in this replay; one bad window is enough, since a window is a whole period."""
        return Alarms(Workspace(self.store, f"{self.work.prefix}/{short(model.digest)}"), model.digest, for_=1)

    def plan(self, model: Model) -> Plan:
        """Everyone gets this model, and what is asked is logged for drift."""
        return Plan.alone(model.digest, self.decisions[model.digest], self.names)

    def roll_out(self, plan: Plan) -> None:
        """Serve the plan; once this returns every request follows it."""
        roll_out(self.platform_file, self.platform, self.name, plan)


def _drifted(alarms: Sequence[str], minor: Sequence[str]) -> str:
    told = f"drift of {', '.join(alarms)}" if alarms else "no alarm of drift"
    return told + (f" ({', '.join(minor[:3])}{' …' if len(minor) > 3 else ''} moved a little)" if minor else "")


def _interval(found: Any) -> str:
    return "nothing" if found is None else f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"

"""Deliver: a registered model through the gate to its endpoint, asked once, and pointed at."""

from pathlib import Path
from typing import Any

from infra.errors import FalajError
from workloads.lib import fingerprint, serve
from workloads.lib.lifecycle.workload import Workload
from workloads.lib.lineage.node import Node
from workloads.lib.lineage.recorder import Recorder
from workloads.lib.platform import Platform
from workloads.lib.registry import Model, Registry, alias
from workloads.lib.registry.mirror import mirror
from workloads.lib.workspace import Workspace

BODIES, REQUESTS = 100, 300
"""Rows of the test that latency is measured with, and how many requests."""


class Delivery:
    """Of one model of one run."""

    def __init__(
        self,
        workload: Workload,
        platform_file: Path,
        platform: Platform,
        registry: Registry,
        work: Workspace,
        record: Recorder,
        model: Model,
    ) -> None:
        self.workload, self.name, self.platform, self.platform_file = workload, workload.name, platform, platform_file
        self.registry, self.work, self.record, self.model = registry, work, record, model
        self.node = Node("model", self.name, model.digest)
        self.there = serve.served(platform, f"/{self.name}") == model.digest

    def allowed(self) -> str:
        """Everything that the gate asks, measured, and its allow: the decision's id."""
        self.compare()
        self.measure()
        return self.release()

    def compare(self) -> None:
        """With what production points at, on the test's rows. Anew whenever that is another model."""
        from workloads.lib.release.evidence import NONE, current, sealed

        with self.record.step("compare", again=True) as step:
            champion, last = current(self.registry, self.name), sealed(self.registry.store, self.model, "champion")
            if last and champion in (last["digest"], self.model.digest):
                step.skip("compared already" if champion != NONE else "there is no champion")
                return
            from workloads.lib.release.champion import compare

            workload, tested = self.workload, self._tested()
            truth, seed = tested[workload.target].to_numpy().astype(float), workload.spec.training.seed
            columns = {name: tested[name] for name in tested.column_names}
            found = compare(self.registry, self.model, workload.task, workload.metric, columns, truth, seed)
            if champion == NONE:
                step.done("there is no champion")
            else:
                interval = f"{found['value']:+.4f} ({found['low']:+.4f} to {found['high']:+.4f})"
                step.done(f"{found['metric']} better by {interval} than {champion[:19]}…")

    def measure(self) -> None:
        """Latency where requests arrive, before anybody is sent there: the gate wants to know it."""
        from workloads.lib.release.evidence import about, sealed

        with self.record.step("latency") as step:
            if sealed(self.registry.store, self.model, "latency"):
                step.skip("measured already")
                return
            from workloads.lib.release import latency
            from workloads.lib.serve.trial import trial

            rows = self._tested().select(self.workload.request.names).slice(0, BODIES).to_pylist()
            with trial(self.platform_file, self.platform, self.name, self.model.digest) as url:
                found = latency.measure(url, rows, self.model.digest, requests=REQUESTS)
            about(self.registry.store, self.name, self.model.digest).put_json("latency", found)
            step.done(f"p50 {found['p50_ms']:.1f} ms, p95 {found['p95_ms']:.1f} ms, {found['failed']} failed")

    def release(self) -> str:
        """The gate is asked before every deployment; without its allow nothing is deployed. The decision's id."""
        thresholds = self.workload.thresholds()
        judged_by = fingerprint.of_value([self.platform.decision.bundle_digest, thresholds])
        with self.record.step("release", again=True) as step:
            last = self.work.find_json("decision")
            if self.there and last and last["by"] == judged_by:
                step.skip(f"decision {last['id'][:8]} stands")
                return last["id"]
            from workloads.lib.release import decide
            from workloads.lib.release.evidence import gather

            step.reads(self.node)
            evidence = gather(self.platform, self.registry, self.model).model_dump(mode="json")
            decision = decide(self.platform, evidence, thresholds)
            self.work.put_json("decision", {"id": decision.decision_id, "by": judged_by})
            step.judged(decision.decision_id)
            step.done(f"allowed, decision {decision.decision_id[:8]}, {len(decision.coverage.evaluated)} rules")
            return decision.decision_id

    def serve(self, decision: str) -> None:
        """The model alone: whoever asks gets it. An experiment is another plan of the same endpoint."""
        with self.record.step("serve", again=True) as step:
            if self.there:
                step.skip("served already")
                return
            step.reads(self.node)
            step.makes(Node("endpoint", f"{self.name}/predict", self.model.digest))
            step.judged(decision)
            from workloads.lib.serve.plan import Plan
            from workloads.lib.serve.rollout import roll_out

            plan = Plan.alone(self.model.digest, decision, self.workload.logged)
            roll_out(self.platform_file, self.platform, self.name, plan)
            step.done(serve.url(self.platform, f"/{self.name}"))

    def smoke(self) -> dict[str, Any]:
        with self.record.step("smoke") as step:
            url = serve.url(self.platform, f"/{self.name}/predict")
            answer = serve.ask(url, self.workload.example, self.model.digest)
            told = ", ".join(f"{name} {value:.3f}" for name, value in answer.items() if isinstance(value, float))
            step.done(f"{told} from {answer['model'][:19]}…")
            return {"url": url, "body": self.workload.example, "answer": answer}

    def promote(self, decision: str) -> None:
        why, log = "the release gate allowed it, and it is served", self.platform.decision_log
        store, name, digest = self.registry.store, self.name, self.model.digest
        with self.record.step("promote", again=True) as step:
            moved = alias.move(store, name, alias.PRODUCTION, digest, why=why, decision=decision, decisions=log)
            if moved:
                step.reads(self.node)
                step.makes(Node("alias", f"{self.name}/{alias.PRODUCTION}", self.model.digest))
                step.done(f"{alias.PRODUCTION} points at {self.model.digest[:19]}…")
            else:
                step.skip(f"{alias.PRODUCTION} points there already")

    def _tested(self) -> Any:
        """The rows of the test, an Arrow table."""
        from workloads.lib.lifecycle.prepare import of_periods

        return of_periods(self.work.get_rows("examples"), self.workload.spec.split.test, self.workload.target)

    def show(self) -> None:
        """What others show of it; what cannot be sent now is told, and the next run makes up for it."""
        with self.record.step("show") as step:
            try:
                sent = mirror(self.registry, self.name, self.platform.tracking.url)
                delivered = self.record.deliver()
            except FalajError as error:
                step.done(f"later: {error}")
            else:
                news = f"{len(sent.versions)} versions and {len(sent.aliases)} aliases in MLflow"
                step.done(f"{news}, {delivered} events sent") if sent or delivered else step.skip("nothing new")

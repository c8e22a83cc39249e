"""The workload from data to prediction. Each step does only what is not done yet, so a killed run goes on.

torch, ray, pandas and scikit-learn are imported by the step that needs them: when nothing changed, none of them is.
"""

from pathlib import Path
from typing import Any

from infra.errors import FalajError
from workloads.employment import ingest, register, spec, track
from workloads.employment.columns import FEATURES
from workloads.lib import fingerprint, serve
from workloads.lib.lineage.node import Node, sealed
from workloads.lib.lineage.recorder import Recorder
from workloads.lib.platform import Platform
from workloads.lib.progress import Progress
from workloads.lib.registry import Model, Registry, alias
from workloads.lib.registry.mirror import mirror
from workloads.lib.track import Tracker
from workloads.lib.workspace import Workspace, alone, suppress_missing

NAME = "employment"
ALIAS = "production"
PACKAGES = ("fairlearn", "numpy", "pandas", "pandera", "pyarrow", "ray", "safetensors", "scikit-learn", "torch")
EXAMPLE = dict(zip((c.name for c in FEATURES), (46, 21, 1, 0, 2, 0, 1, 1, 4, 1, 1, 2, 2, 2), strict=True))
"""A married person of 46 with a bachelor's degree."""


def run(platform_file: Path, progress: Progress) -> None:
    """Bring the platform to serving the model of this code, this spec and this data; report every step."""
    platform = Platform.load(platform_file)
    platform.enter()
    with alone(platform_file.parent, NAME) as scratch:
        Run(platform_file, platform, scratch, progress).all()


class Run:
    """One run: what it is about, and its steps in order."""

    def __init__(self, platform_file: Path, platform: Platform, scratch: Path, progress: Progress) -> None:
        self.platform_file = platform_file
        self.platform = platform
        self.scratch = scratch
        self.spec = spec.Spec.load()
        self.store = platform.open_store()
        self.code = fingerprint.of_code(fingerprint.WORKLOADS)
        self.environment, self.versions = fingerprint.of_packages(PACKAGES)
        # The thresholds are no part of it: they judge a model, they do not make it.
        made_of = [self.spec.data.model_dump(), self.spec.training.model_dump(), self.spec.release.min_group]
        self.key = fingerprint.of_value([made_of, self.code, self.environment])
        self.raw = Workspace(self.store, f"data/{NAME}/{self.spec.data.sha256[:16]}")
        self.work = Workspace(self.store, f"runs/{NAME}/{self.key.removeprefix('sha256:')[:16]}")
        self.registry = Registry(self.store)
        collector = platform.lineage and platform.lineage.url
        self.progress = Recorder(progress, self.store, platform.stack, NAME, self.key, collector)

    def all(self) -> None:
        """The table of contents."""
        self.ingest()
        self.validate()
        self.features()
        self.train()
        self.evaluate()
        model = self.register()
        tracked = self.track(model)
        decision, changed = self.release_and_serve(model)
        answer = self.smoke(model)
        self.promote(model, decision)
        self.show()
        self.report(model, tracked, decision, answer, changed=changed)

    def ingest(self) -> None:
        with self.progress.step("ingest") as step:
            step.reads(Node("source", self.spec.data.requirement, f"sha256:{self.spec.data.sha256}"))
            step.makes(*sealed("data", NAME, self.raw, *ingest.MEMBERS, subjects="id"))
            if ingest.ingest(self.raw, self.spec.data, self.scratch):
                step.done(f"{self.spec.data.requirement}, sealed")
            else:
                step.skip("sealed already")

    def validate(self) -> None:
        with self.progress.step("validate") as step:
            step.reads(*sealed("data", NAME, self.raw, *ingest.MEMBERS, subjects="id"))
            step.makes(*sealed("data", NAME, self.work, "clean", "quarantine", subjects="id"))
            if self.work.has("clean", "quarantine", "counts"):
                step.skip("validated already")
                return
            from workloads.employment.validate import validate

            counts = validate(self.raw, self.work, self.spec.data)
            step.done(f"{counts['clean']:,} rows clean, {counts['quarantined']:,} quarantined")

    def features(self) -> None:
        with self.progress.step("features") as step:
            step.reads(*sealed("data", NAME, self.work, "clean", subjects="id"))
            step.makes(*sealed("features", NAME, self.work, "features", "train"))
            if self.work.has("features", "rows", "train"):
                step.skip("encoded already")
                return
            from workloads.employment.encode import encode

            features = encode(self.work, self.spec.data)
            step.done(f"{len(features.seen)} columns, {features.slots} slots")

    def train(self) -> None:
        with self.progress.step("train") as step:
            step.reads(*sealed("features", NAME, self.work, "train"))
            step.makes(*sealed("weights", NAME, self.work, "weights"))
            if self.work.has("weights", "losses"):
                step.skip("trained already")
                return
            from workloads.employment.train import train

            self.work.drop("evidence", "model")
            step.say(f"Ray Train on {self.platform.ray.cpus} cores")
            losses = train(self.platform_file, self.platform, self.work, self.spec.training, self.scratch)
            step.done(f"{len(losses)} epochs, loss {losses[-1]:.4f}")

    def evaluate(self) -> None:
        with self.progress.step("evaluate") as step:
            step.reads(*sealed("data", NAME, self.work, "clean", subjects="id"))
            step.reads(*sealed("features", NAME, self.work, "features"), *sealed("weights", NAME, self.work, "weights"))
            step.makes(*sealed("evidence", NAME, self.work, "evidence"))
            if self.work.has("evidence"):
                step.skip("evaluated already")
                return
            from workloads.employment.evaluate import evaluate

            found = evaluate(self.work, self.spec)["evaluation"]
            step.done(f"accuracy {found['accuracy']:.4f}, AUC {found['auc']:.4f} on {found['rows']:,} rows")

    def register(self) -> Model:
        with self.progress.step("register") as step:
            step.reads(*sealed("features", NAME, self.work, "features"), *sealed("weights", NAME, self.work, "weights"))
            step.reads(*sealed("evidence", NAME, self.work, "evidence"))
            with suppress_missing():
                model = self.registry.load(NAME, self.work.get_json("model"))
                step.makes(Node("model", NAME, model.digest))
                step.skip(f"{model.digest[:19]}… verified")
                return model
            environment = {"digest": self.environment, "versions": self.versions}
            made_by = {"run": self.key, "code": {"digest": self.code}, "environment": environment}
            digest = register.register(self.registry, NAME, self.work, self.spec, made_by)
            model = self.registry.load(NAME, digest)
            self.work.put_json("model", digest)
            step.makes(Node("model", NAME, digest))
            step.done(f"{digest[:19]}…, signed")
            return model

    def track(self, model: Model) -> str:
        with self.progress.step("track") as step:
            tracker = Tracker(self.platform.tracking.url, NAME)
            if found := tracker.find(self.key):
                step.skip(f"run {found[:8]}")
                return found
            made = track.track(tracker, self.key, model)
            step.done(f"run {made[:8]}")
            return made

    def release_and_serve(self, model: Model) -> tuple[str, bool]:
        """The gate is asked before every deployment; without its allow nothing is deployed. (decision id, deployed)."""
        thresholds = self.spec.release.model_dump(mode="json")
        judged_by = fingerprint.of_value([self.platform.decision.bundle_digest, thresholds])
        with self.progress.step("release", again=True) as step:
            there = serve.served(self.platform, f"/{NAME}") == model.digest
            last = self.work.get_json("decision") if self.work.has("decision") else None
            if there and last and last["by"] == judged_by:
                step.skip(f"decision {last['id'][:8]} stands")
            else:
                from workloads.lib.release import decide
                from workloads.lib.release.evidence import gather

                step.reads(Node("model", NAME, model.digest))
                decision = decide(self.platform, gather(self.platform, model).model_dump(mode="json"), thresholds)
                last = {"id": decision.decision_id, "by": judged_by}
                self.work.put_json("decision", last)
                step.judged(decision.decision_id)
                step.done(f"allowed, decision {decision.decision_id[:8]}, {len(decision.coverage.evaluated)} rules")
        with self.progress.step("serve", again=True) as step:
            if there:
                step.skip("served already")
            else:
                from workloads.employment.app import Employment

                application: Any = Employment
                step.reads(Node("model", NAME, model.digest))
                step.makes(Node("endpoint", f"{NAME}/predict", model.digest))
                step.judged(last["id"])
                serve.deploy(self.platform, NAME, application.bind(str(self.platform_file), model.digest, last["id"]))
                step.done(serve.url(self.platform, f"/{NAME}"))
        return last["id"], not there

    def smoke(self, model: Model) -> dict[str, Any]:
        with self.progress.step("smoke") as step:
            answer = serve.ask(serve.url(self.platform, f"/{NAME}/predict"), EXAMPLE, model.digest)
            step.done(f"probability {answer['probability']:.3f} from {answer['model'][:19]}…")
            return answer

    def promote(self, model: Model, decision: str) -> None:
        why, log = "the release gate allowed it, and it is served", self.platform.decision_log
        with self.progress.step("promote", again=True) as step:
            if alias.move(self.store, NAME, ALIAS, model.digest, why=why, decision=decision, decisions=log):
                step.reads(Node("model", NAME, model.digest))
                step.makes(Node("alias", f"{NAME}/{ALIAS}", model.digest))
                step.done(f"{ALIAS} points at {model.digest[:19]}…")
            else:
                step.skip(f"{ALIAS} points there already")

    def show(self) -> None:
        """What others show of it; what cannot be sent now is told, and the next run makes up for it."""
        with self.progress.step("show") as step:
            try:
                sent = mirror(self.registry, NAME, self.platform.tracking.url)
                delivered = self.progress.deliver()
            except FalajError as error:
                step.done(f"later: {error}")
            else:
                news = f"{len(sent.versions)} versions and {len(sent.aliases)} aliases in MLflow"
                step.done(f"{news}, {delivered} events sent") if sent or delivered else step.skip("nothing new")

    def report(self, model: Model, tracked: str, decision: str, answer: dict[str, Any], *, changed: bool) -> None:
        card = model.json("card.json")
        self.progress.event(
            "result",
            workload=NAME,
            model=model.digest,
            alias=ALIAS,
            changed=changed,
            url=serve.url(self.platform, f"/{NAME}"),
            example={"url": serve.url(self.platform, f"/{NAME}/predict"), "body": EXAMPLE, "answer": answer},
            evaluation=card["evaluation"],
            fairness=card["fairness"],
            data=model.facts["data"],
            decision=decision,
            tracking={"url": self.platform.tracking.url, "run": tracked},
        )

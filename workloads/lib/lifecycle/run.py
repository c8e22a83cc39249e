"""A workload's run, from packages to a served model. Each step does only what is not done yet: a killed run goes on.

torch, ray, pyarrow, pandas and scikit-learn are imported by the step that needs them: when nothing changed, none is.
"""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workloads.lib import fingerprint
from workloads.lib.lifecycle.workload import Workload, figures
from workloads.lib.lineage.node import Node, in_lake, sealed
from workloads.lib.lineage.recorder import Recorder
from workloads.lib.platform import Platform
from workloads.lib.progress import Progress
from workloads.lib.registry import Model, Registry
from workloads.lib.registry.alias import PRODUCTION
from workloads.lib.track import Tracker
from workloads.lib.train.spec import Job
from workloads.lib.workspace import Workspace, alone, suppress_missing

if TYPE_CHECKING:
    from workloads.lib.lifecycle.deliver import Delivery

NOBODY = "no table names a person"
PACKAGES = (
    "duckdb", "fairlearn", "numpy", "pandas", "pyarrow", "pyiceberg", "ray", "safetensors", "scikit-learn", "torch",
)  # fmt: skip


def run(workload: Workload, platform_file: Path, progress: Progress) -> None:
    """Bring the platform to serving the model of this code, this spec, this data and this consent."""
    platform = Platform.load(platform_file)
    platform.enter()
    with alone(platform_file.parent, workload.name) as scratch:
        Run(workload, platform_file, platform, scratch, progress).all()


class Run:
    """One run: what it is about, and its steps in order."""

    def __init__(
        self, workload: Workload, platform_file: Path, platform: Platform, scratch: Path, progress: Progress
    ) -> None:
        self.workload, self.spec, self.name = workload, workload.spec, workload.name
        self.platform_file, self.platform, self.scratch = platform_file, platform, scratch
        self.store = platform.open_store()
        self.registry = Registry(self.store)
        self.made_by = made_by(PACKAGES)
        tables = [table.schema.digest for table in workload.tables]
        source = fingerprint.of_value([self.spec.data.model_dump(), tables, self.made_by])
        self.source = Workspace(self.store, f"data/{self.name}/{short(source)}")
        collector = platform.lineage and platform.lineage.url
        self.record = Recorder(progress, self.store, platform.stack, self.name, source, collector)

    def all(self) -> None:
        """The table of contents."""
        model, tracked = self.made()
        self.materialise()
        self.deliver(model, tracked)

    def made(self) -> tuple[Model, str | None]:
        """The registered model, and the id of its run in MLflow."""
        self.prepare()
        self.train()
        self.evaluate()
        model = self.register()
        return model, self.track(model)

    def prepare(self) -> None:
        """The examples, of who consents now."""
        self.ingest()
        self.validate()
        self.consent()
        self.features()

    def ingest(self) -> None:
        with self.record.step("ingest") as step:
            step.reads(Node("source", self.spec.data.requirement, f"sha256:{self.spec.data.sha256}"))
            if self.source.has("landed"):
                step.skip("landed already")
                return
            from workloads.lib.lifecycle import prepare

            landed = prepare.ingest(self.workload, self.lake())
            self.source.put_json("landed", {name: asdict(found) for name, found in landed.items()})
            step.done(", ".join(f"{found.rows:,} {name}" for name, found in landed.items()))

    def validate(self) -> None:
        with self.record.step("validate") as step:
            if self.source.has("tables"):
                step.skip("validated already")
            else:
                from workloads.lib.lifecycle import prepare

                found = prepare.validated(self.workload, self.lake(), self.source.get_json("landed"))
                self.source.put_json("tables", found)
                counts = [table["quality"] for table in found.values()]
                clean, bad = (sum(count[part] for count in counts) for part in ("clean", "quarantined"))
                step.done(f"{clean:,} rows clean, {bad:,} quarantined")
            self.tables = self.source.get_json("tables")
            step.reads(Node("source", self.spec.data.requirement, f"sha256:{self.spec.data.sha256}"))
            step.makes(*self._tables())

    def consent(self) -> None:
        """Whose rows the run may use; from here on the run has its key."""
        subjects, self.granted = "", None
        if self.spec.consent:
            with self.record.step("consent", again=True) as step:
                from workloads.lib.lifecycle import consent

                self.granted = consent.granted(self.source, self.spec.consent, self._people, datetime.now(UTC))
                subjects, told = self.granted.subjects, self.granted.snapshot
                said = f"{told['subjects_granted']:,} persons consent to {told['purpose']}"
                step.done(said) if self.granted.fresh else step.skip(said)
        # Thresholds and replay are no part of it: they judge a model, they do not make it.
        made_of = self.spec.model_dump(mode="json", exclude={"release", "replay"})
        self.key = fingerprint.of_value([made_of, subjects, self.made_by])
        self.work = Workspace(self.store, f"runs/{self.name}/{short(self.key)}")
        self.record = replace(self.record, run=self.key)

    def features(self) -> None:
        with self.record.step("features") as step:
            step.reads(*self._tables())
            step.makes(*sealed("features", self.name, self.work, "transform", "train"))
            if self.work.has("examples", "transform", "train", "rows"):
                step.skip("joined and encoded already")
                return
            from workloads.lib.lifecycle import prepare

            tables, others = prepare.read(self.lake(), self.tables), 0
            if self.granted:
                who = frozenset(self.source.get_json("granted"))
                tables, others = prepare.chosen(self.workload, tables, who)
                self.work.put_json("covered", prepare.covered(self.workload, tables, who))
            examples = prepare.joined(self.workload, tables)
            self.work.put_rows("examples", examples)
            rows = prepare.encode(self.workload, examples, self.work) | {"without_consent": others}
            self.work.put_json("rows", rows)
            step.done(f"{rows['train']:,} rows to train on, {others:,} left out for want of consent")

    def train(self) -> None:
        with self.record.step("train") as step:
            step.reads(*sealed("features", self.name, self.work, "train"))
            step.makes(*sealed("weights", self.name, self.work, "weights"))
            if self.work.has("weights", "trained"):
                step.skip("trained already")
                return
            from workloads.lib.train.fit import train

            self.work.drop("evidence", "model")
            step.say(f"Ray Train on {self.platform.ray.cpus} cores")
            trained = train(self.platform_file, self.platform, self.work, self.job(), self.scratch, self._journal())
            last = trained["history"][-1]
            step.done(f"{len(trained['history'])} epochs, loss {last['loss']:.4f}")

    def evaluate(self) -> None:
        with self.record.step("evaluate") as step:
            step.reads(*sealed("features", self.name, self.work, "transform", "examples"))
            step.reads(*sealed("weights", self.name, self.work, "weights"))
            step.makes(*sealed("evidence", self.name, self.work, "evidence"))
            if self.work.has("evidence"):
                step.skip("evaluated already")
                return
            from workloads.lib.lifecycle.evaluate import evaluate

            found = evaluate(self.workload, self.work, self.job())
            step.done(f"{figures(found['network'])}; boosting {figures(found['boosting'])}; {found['rows']:,} rows")

    def register(self) -> Model:
        with self.record.step("register") as step:
            step.reads(*sealed("features", self.name, self.work, "transform"))
            step.reads(*sealed("weights", self.name, self.work, "weights"))
            step.reads(*sealed("evidence", self.name, self.work, "evidence"))
            with suppress_missing():
                model = self.registry.load(self.name, self.work.get_json("model"))
                step.makes(Node("model", self.name, model.digest))
                step.skip(f"{model.digest[:19]}… verified")
                return model
            from workloads.lib.lifecycle.register import register

            facts = {"run": self.key, **self.made_by, "consent": self._consented()}
            place = self.platform.jurisdiction
            digest = register(self.registry, self.workload, self.work, self.job(), self.tables, place, facts)
            self.work.put_json("model", digest)
            step.makes(Node("model", self.name, digest))
            step.done(f"{digest[:19]}…, signed")
            return self.registry.load(self.name, digest)

    def track(self, model: Model) -> str | None:
        """Id of the run in MLflow; None while its server does not answer."""
        with self.record.step("track") as step:
            journal = self._journal()
            figures = {"evaluation": model.json("card.json")["evaluation"], "rows": model.facts["data"]["rows"]}
            journal.keep("FINISHED", params=figures, tags={"model.digest": model.digest})
            if journal.send():
                step.done(f"run {(journal.run or '')[:8]}")
            else:
                step.done("later: MLflow does not answer, the figures are kept")
            return journal.run

    def materialise(self) -> None:
        """Bring the features online that a request may leave out."""
        from workloads.lib.features.opened import opened

        if not self.workload.views or (online := opened(self.platform, self.store)) is None:
            return
        with self.record.step("materialise") as step:
            from workloads.lib.features.materialise import materialised
            from workloads.lib.lifecycle import prepare

            views, tables = self.workload.views, self._tables()
            step.reads(*tables)
            step.makes(*(Node("features", f"{self.name}/online/{view.name}", view.digest) for view in views))
            version = fingerprint.of_value([*(table.digest for table in tables), self.made_by["code"]["digest"]])
            if all(materialised(online, view, version) for view in views):
                step.skip("online already")
                return
            written = prepare.materialise_views(self.workload, prepare.read(self.lake(), self.tables), online, version)
            step.done(f"{written:,} keys of {len(views)} views online")

    def deliver(self, model: Model, tracked: str | None) -> None:
        """Through the gate to the endpoint, and the result of the run."""
        delivery = self.delivery(model)
        decision = delivery.allowed()
        delivery.serve(decision)
        example = delivery.smoke()
        delivery.promote(decision)
        delivery.show()
        card = model.json("card.json")
        self.record.progress.event(
            "result",
            workload=self.name,
            model=model.digest,
            alias=PRODUCTION,
            changed=not delivery.there,
            url=example["url"].removesuffix("/predict"),
            example=example,
            figures=self.workload.told(card),
            card=card,
            data=model.facts["data"],
            consent=model.facts["consent"],
            decision=decision,
            tracking={"url": self.platform.tracking.url, "run": tracked},
        )

    def delivery(self, model: Model) -> "Delivery":
        """Its way to the endpoint."""
        from workloads.lib.lifecycle.deliver import Delivery

        place = self.platform_file, self.platform
        return Delivery(self.workload, *place, self.registry, self.work, self.record, model)

    def job(self) -> Job:
        """What is trained."""
        from workloads.lib.features.transform import Transform
        from workloads.lib.lifecycle.prepare import of_periods

        transform = Transform.model_validate_json(self.work.get("transform"))
        rows = of_periods(self.work.get_rows("examples"), self.spec.split.train, self.workload.target)
        return Job(
            task=self.workload.task,
            network=self.workload.network,
            network_config=self.workload.shape(transform, rows[self.workload.target].to_numpy()),
            training=self.spec.training,
            validation="validation" if self.spec.split.validate_ else None,
        )

    def lake(self) -> Any:
        """The platform's tables."""
        from workloads.lib.data.table import Lake

        return Lake(self.store)

    def _people(self) -> list[str]:
        from workloads.lib.lifecycle import prepare

        return prepare.people(self.workload, prepare.read(self.lake(), self.tables))

    def _consented(self) -> dict[str, Any]:
        """Whose word covers the rows, or why nobody's is needed: what the gate asks, and what MLR-004 judges."""
        if not self.granted:
            return {"persons": False, "reason": f"{NOBODY}: {', '.join(t.schema.name for t in self.workload.tables)}"}
        told = dict(self.granted.snapshot)
        return {"persons": True, "snapshot": told.pop("digest"), **told, **self.work.get_json("covered")}

    def _journal(self) -> Any:
        from workloads.lib.train.journal import Journal

        return Journal(Tracker(self.platform.tracking.url, self.name), self.work, self.key)

    def _tables(self) -> list[Node]:
        """The clean tables, as lineage names them."""
        versions = [(self.tables[table.schema.name]["version"], table.schema.subject) for table in self.workload.tables]
        return [in_lake(self.name, v["table"], v["snapshot"], v["digest"], subject) for v, subject in versions]


def made_by(packages: Iterable[str]) -> dict[str, Any]:
    """{code, environment}: what, besides data and spec, a result depends on."""
    environment, versions = fingerprint.of_packages(packages)
    code = fingerprint.of_code(fingerprint.WORKLOADS)
    return {"code": {"digest": code}, "environment": {"digest": environment, "versions": versions}}


def short(key: str) -> str:
    """Enough of a digest to name a workspace."""
    return key.removeprefix("sha256:")[:16]

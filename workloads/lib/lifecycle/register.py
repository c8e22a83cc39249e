"""Register: weights, ONNX, transform and card, with what they were made from, as one signed registry entry."""

from collections.abc import Mapping
from typing import Any

from workloads.lib.data.card import DatasetCard
from workloads.lib.data.quality import DataQuality
from workloads.lib.features.transform import Transform
from workloads.lib.fingerprint import canonical
from workloads.lib.lifecycle.prepare import columns, of_periods, version
from workloads.lib.lifecycle.workload import Workload
from workloads.lib.monitor.profile import FILE
from workloads.lib.registry import Registry
from workloads.lib.release.cards import ModelCard, markdown
from workloads.lib.serve.export import export
from workloads.lib.train import reproduce
from workloads.lib.train.spec import Job
from workloads.lib.workspace import Workspace

SAMPLE = 1000
"""Rows on which ONNX Runtime's answers are held against torch's."""


def register(
    registry: Registry,
    workload: Workload,
    work: Workspace,
    job: Job,
    tables: Mapping[str, Any],
    residency: str,
    facts: Mapping[str, Any],
) -> str:
    """Publish what `work` holds; returns the model's digest. `facts`: {run, code, environment, consent}.

    residency: the jurisdiction that the data is kept in. No date of the run and no name of a machine is in it: the
    same data, code, packages and consent give the same digest.
    """
    spec, trained = workload.spec, work.get_json("trained")
    card = {
        "model": workload.name,
        "task": workload.task,
        "card": stated(workload).model_dump(mode="json", exclude_defaults=True),
        "dataset": dataset(workload),
        "monitor": {"owner": spec.card.owner, "alerts": list(spec.monitor.alerts)},
        "data": spec.data.model_dump(mode="json"),
        "training": spec.training.model_dump(mode="json"),
        "losses": [{name: row[name] for name in sorted(row.keys() - {"at"})} for row in trained["history"]],
        **work.get_json("evidence"),
    }
    transform = Transform.model_validate_json(work.get("transform"))
    tested = of_periods(work.get_rows("examples"), spec.split.test, workload.target).slice(0, SAMPLE)
    files = export(
        work.get("weights"), job, transform, workload.request, columns(tested, transform), views=workload.views
    )
    files |= {"job.json": canonical(job.model_dump(mode="json")), "card.json": canonical(card)}
    files |= {FILE: work.get("profile")}
    files |= pages(workload, card, tables, residency)
    data = {
        "digest": f"sha256:{spec.data.sha256}",
        "source": spec.data.source,
        "tables": {name: described(table) for name, table in tables.items()},
        "persons": workload.persons,
        "quarantined": sum(table["quality"]["quarantined"] for table in tables.values()),
        "rows": (rows := work.get_json("rows")),
        "train": ", ".join(map(str, spec.split.train)),
        "test": ", ".join(map(str, spec.split.test)),
        **{f"rows_{part}": rows[part] for part in ("train", "test")},
    }
    hardware = reproduce.hardware_class(trained)
    made = {"data": data, "hardware": hardware, "seed": spec.training.seed}
    return registry.publish(workload.name, files, {**facts, **made})


def described(table: Mapping[str, Any]) -> dict[str, Any]:
    """{digest, rows, quarantined} of a table's version."""
    found = table["version"]
    return {"digest": found["digest"], "rows": found["rows"], "quarantined": table["quality"]["quarantined"]}


def stated(workload: Workload) -> ModelCard:
    """The model card's own words."""
    said = workload.spec.card.model_dump()
    return ModelCard(model=workload.name, task=workload.task, target=workload.target, **said)


def dataset(workload: Workload) -> dict[str, Any]:
    """What the gate is told of the data: {digest, source, license, pii: {table.column: kind}}."""
    data, about = workload.spec.data, workload.spec.about
    columns = {f"{table.schema.name}.{c.name}": c.pii for table in workload.tables for c in table.schema.columns}
    return {"digest": f"sha256:{data.sha256}", "source": data.source, "license": about.license, "pii": columns}


def pages(workload: Workload, card: Mapping[str, Any], tables: Mapping[str, Any], residency: str) -> dict[str, bytes]:
    """The cards for people and catalogues: README.md of the model, and of each table its card and its Croissant."""
    told = {**card, "data": dataset(workload)}
    files = {"README.md": markdown(stated(workload), told).encode()}
    for table in workload.tables:
        name, found = table.schema.name, tables[table.schema.name]
        made = DatasetCard(
            about=workload.spec.about,
            schema=table.schema,
            version=version(found["version"]),
            quality=DataQuality(**found["quality"]),
            residency=residency,
        )
        files |= {f"{name}.md": made.markdown().encode(), f"{name}.croissant.json": canonical(made.croissant())}
    return files

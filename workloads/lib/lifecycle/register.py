"""Register: weights, ONNX, transform and card, with what they were made from, as one signed registry entry."""

from collections.abc import Mapping
from typing import Any

from workloads.lib.features.transform import Transform
from workloads.lib.fingerprint import canonical
from workloads.lib.lifecycle.prepare import columns, of_periods
from workloads.lib.lifecycle.workload import Workload
from workloads.lib.registry import Registry
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
    facts: Mapping[str, Any],
) -> str:
    """Publish what `work` holds; returns the model's digest. `facts`: {run, code, environment, consent}.

    No date and no name of a machine is in it: the same data, code and packages give the same digest.
    """
    spec, trained = workload.spec, work.get_json("trained")
    card = {
        "model": workload.name,
        "task": workload.task,
        "use": workload.use,
        "data": spec.data.model_dump(mode="json"),
        "training": spec.training.model_dump(mode="json"),
        "losses": [{name: row[name] for name in sorted(row.keys() - {"at"})} for row in trained["history"]],
        **work.get_json("evidence"),
    }
    transform = Transform.model_validate_json(work.get("transform"))
    tested = of_periods(work.get_rows("examples"), spec.split.test, workload.target).slice(0, SAMPLE)
    files = export(work.get("weights"), job, transform, workload.request, columns(tested, transform))
    files |= {"job.json": canonical(job.model_dump(mode="json")), "card.json": canonical(card)}
    data = {
        "digest": f"sha256:{spec.data.sha256}",
        "source": spec.data.source,
        "tables": {name: described(table) for name, table in tables.items()},
        "persons": any(table.schema.subject is not None for table in workload.tables),
        "quarantined": sum(table["quality"]["quarantined"] for table in tables.values()),
        "rows": (rows := work.get_json("rows")),
        "train": ", ".join(map(str, spec.split.train)),
        "test": ", ".join(map(str, spec.split.test)),
        **{f"rows_{part}": rows[part] for part in ("train", "test")},
    }
    hardware = reproduce.hardware_class(trained)
    made = {"data": data, "hardware": hardware, "seed": spec.training.seed}
    made = {"data": data, "hardware": hardware, "seed": spec.training.seed}
    return registry.publish(workload.name, files, {**facts, **made})


def described(table: Mapping[str, Any]) -> dict[str, Any]:
    """{digest, rows, quarantined} of a table's version."""
    version = table["version"]
    return {"digest": version["digest"], "rows": version["rows"], "quarantined": table["quality"]["quarantined"]}

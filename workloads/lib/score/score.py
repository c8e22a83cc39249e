# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Score: every row of a workload through a registered model, into the lake's table `<workload>_examples_scores`.

The rows are those that a run would take now: clean, of who consents, joined as they were known. They land once for each
such run; a killed scoring goes on, and what has a score of the model is not scored again.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np

from workloads.lib.data.column import Column, Schema
from workloads.lib.data.table import TableVersion
from workloads.lib.lifecycle.run import Run, short
from workloads.lib.lifecycle.workload import AT, ID, PERIOD, Workload
from workloads.lib.lineage.node import Node, Subjects, sealed
from workloads.lib.platform import Platform
from workloads.lib.progress import Progress
from workloads.lib.ray_client import connected
from workloads.lib.registry.alias import PRODUCTION
from workloads.lib.registry.find import find
from workloads.lib.score import copy
from workloads.lib.serve import batch
from workloads.lib.workspace import alone

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


def score(
    workload: Workload, platform_file: Path, progress: Progress, wanted: str = "", out: Path | None = None
) -> dict[str, Any]:
    """{workload, model, table, rows, scored, seconds, mean, quantiles, out}.

    wanted: the model, by digest or pointer; production by default. out: where a plain copy goes, `.parquet` or `.csv`.
    REG-003 when no model is meant, WRK-021 when there can be no copy, else as for `falaj run` and `batch.score`.
    """
    platform = Platform.load(platform_file)
    platform.enter()
    if out:
        copy.require_room(out)
    with alone(platform_file.parent, workload.name) as scratch:
        run = Run(workload, platform_file, platform, scratch, progress)
        model = find(run.registry, run.name, wanted or PRODUCTION)
        for step in (run.ingest, run.validate, run.consent, run.features):
            step()
        table = _landed(run)
        told = _scored(run, model, table)
        if out:
            told["out"] = copy.write(out, batch.scores_of(run.lake(), table.table, model))
        return told


def _landed(run: Run) -> TableVersion:
    """The run's examples as a table of the lake. Older scores go first: they are of other rows."""
    schema, lake = schema_of(run.workload), run.lake()
    mark = f"run-{short(run.key)}"
    with run.record.step("land") as step:
        step.reads(*sealed("features", run.name, run.work, "transform"))
        lake.create(schema)
        if mark in lake.names(schema.name):
            step.skip("landed already")
            return lake.version(schema.name, mark)
        scores = f"{schema.name}_scores"
        if scores in lake.tables() and lake.names(scores):
            lake.delete(scores, f"{batch.MODEL} != ''")
        rows = run.work.get_rows("examples").select(schema.names).cast(schema.arrow)
        lake.overwrite(schema.name, rows)
        lake.tag(schema.name, mark)
        table = lake.version(schema.name, mark)
        step.makes(_node(run, table))
        step.done(f"{rows.num_rows:,} rows")
        return table


def _scored(run: Run, model: str, table: TableVersion) -> dict[str, Any]:
    with run.record.step("score", again=True) as step:
        step.reads(Node("model", run.name, model), _node(run, table))
        began = time.monotonic()
        with connected(run.platform):
            new = batch.score(run.platform_file, run.name, model, table)
        seconds = time.monotonic() - began
        scores = run.lake().version(f"{table.table}_scores")
        step.makes(_node(run, scores))
        said = batch.scores_of(run.lake(), table.table, model)[batch.PREDICTION].drop_null().to_numpy()
        step.done(f"{new:,} of {table.rows:,} rows, the others had their score")
        quantiles = {f"{share:g}": float(found) for share, found in zip(SHARES, np.quantile(said, SHARES), strict=True)}
        return {
            "workload": run.name,
            "model": model,
            "table": scores.table,
            "rows": table.rows,
            "scored": new,
            "without": table.rows - len(said),
            "seconds": round(seconds, 1),
            "mean": float(said.mean()),
            "quantiles": quantiles,
            "out": None,
        }


def schema_of(workload: Workload) -> Schema:
    """Of the examples: the id, the instant and the period of each, and the columns that a request has."""
    # Rows of persons are asked one a person, by the person's id.
    subject, whose = (ID, "direct") if workload.persons else (None, "none")
    said = (
        Column(ID, "Row", "text", pii=whose),
        Column(AT, "Asked at", "instant"),
        Column(PERIOD, "Period", "integer"),
    )
    columns = (*said, *workload.request.columns)
    return Schema(f"{workload.name}_examples", columns, key=(ID,), time=AT, subject=subject)


def _node(run: Run, table: TableVersion) -> Node:
    place = f"{table.table}@{table.snapshot}"
    return Node("data", f"{run.name}/{table.table}", table.digest, Subjects("lake", place, ID) if run.granted else None)

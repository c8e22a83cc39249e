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
from workloads.lib.data.table import EVERY, TableVersion
from workloads.lib.lifecycle.run import Run, short
from workloads.lib.lifecycle.workload import AT, ID, PERIOD, Workload
from workloads.lib.lineage.node import Node, in_lake, sealed
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
        run.prepare()
        told, scores = _scored(run, model, _landed(run))
        return told | {"out": copy.write(out, scores) if out else None}


def _landed(run: Run) -> TableVersion:
    """The run's examples as a table of the lake. Older scores go first: they are of other rows."""
    schema, lake = schema_of(run.workload), run.lake()
    mark = f"run-{short(run.key)}"
    with run.record.step("land") as step:
        step.reads(*sealed("features", run.name, run.work, "transform"))
        lake.create(schema)
        if not (there := mark in lake.names(schema.name)):
            scores = batch.scores_in(schema.name)
            if scores in lake.tables() and lake.names(scores):
                lake.delete(scores, EVERY)
            lake.overwrite(schema.name, run.work.get_rows("examples").select(schema.names).cast(schema.arrow))
            lake.tag(schema.name, mark)
        table = lake.version(schema.name, mark)
        # Said in either case: the one that landed it may have been killed before this was on record.
        step.makes(_node(run, table))
        step.skip("landed already") if there else step.done(f"{table.rows:,} rows")
        return table


def _scored(run: Run, model: str, table: TableVersion) -> tuple[dict[str, Any], Any]:
    """What to tell, and the scores."""
    with run.record.step("score", again=True) as step:
        step.reads(Node("model", run.name, model), _node(run, table))
        began = time.monotonic()
        with connected(run.platform):
            new = batch.score(run.platform_file, run.name, model, table)
        seconds = time.monotonic() - began
        lake = run.lake()
        version, scores = lake.version(batch.scores_in(table.table)), batch.scores_of(lake, table.table, model)
        step.makes(_node(run, version))
        step.done(f"{new:,} of {table.rows:,} rows, the others had their score")
        said = scores[batch.PREDICTION].drop_null().to_numpy()
        quantiles = {f"{share:g}": float(found) for share, found in zip(SHARES, np.quantile(said, SHARES), strict=True)}
        told = {
            "workload": run.name,
            "model": model,
            "table": version.table,
            "rows": table.rows,
            "scored": new,
            "without": table.rows - len(said),
            "seconds": round(seconds, 1),
            "mean": float(said.mean()),
            "quantiles": quantiles,
        }
        return told, scores


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
    return in_lake(run.name, table.table, table.snapshot, table.digest, ID if run.granted else None)

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Evaluate: what the network says of the test periods, beside the baselines, as a whole and by group."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.lib.features.transform import Transform
from workloads.lib.lifecycle.prepare import columns, of_periods
from workloads.lib.lifecycle.score import score, trained
from workloads.lib.lifecycle.workload import Workload
from workloads.lib.train.baselines import baselines, quality
from workloads.lib.train.spec import Job
from workloads.lib.workspace import Workspace

DIGITS = 9


def evaluate(workload: Workload, work: Workspace, job: Job) -> dict[str, Any]:
    """Seal `evidence`, with what the workload adds, and return its `compared`.

    {rows, network, boosting, linear: quality, groups: {name: {group: quality}}}
    """
    split, target, examples = workload.spec.split, workload.target, work.get_rows("examples")
    transform = Transform.model_validate_json(work.get("transform"))
    train, test = (of_periods(examples, part, target) for part in (split.train, split.test))
    known, truth = (rows[target].to_numpy().astype(float) for rows in (train, test))
    sides = [plain(transform, rows) for rows in (train, test)]
    coded, seed = [code.name for code in transform.codes], workload.spec.training.seed
    network = trained(job, work.get("weights"))
    said = {"network": score(network, job.task, transform.encode(columns(test, transform)))}
    said |= baselines(workload.task, sides[0], known, sides[1], coded, seed)
    members = {name: np.asarray(of(test)) for name, of in workload.groups.items()}
    evidence = {
        "rows": len(truth),
        **{name: _figures(workload, truth, values) for name, values in said.items()},
        "groups": {name: _by_group(workload, truth, said["network"], member) for name, member in members.items()},
    }
    work.put_json("evidence", {"compared": evidence, **workload.evidence(truth, said["network"], test, members)})
    return evidence


def plain(transform: Transform, rows: Any) -> dict[str, NDArray[Any]]:
    """The transform's columns as numbers, codes by their place among those seen: what the baselines read."""
    seen = {code.name: code.seen or [] for code in transform.codes}
    out: dict[str, NDArray[Any]] = {}
    for name in transform.names:
        values = rows[name].to_pandas()
        if name in seen:
            places = {code: place for place, code in enumerate(seen[name])}
            values = values.map(places)
        out[name] = values.to_numpy(dtype=float, na_value=np.nan)
    return out


def _figures(workload: Workload, truth: NDArray[Any], said: NDArray[Any]) -> dict[str, float]:
    return {name: round(value, DIGITS) for name, value in quality(workload.task, truth, said).items()}


def _by_group(workload: Workload, truth: NDArray[Any], said: NDArray[Any], member: NDArray[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for group in sorted(set(member.tolist())):
        there = member == group
        found[str(group)] = {"rows": int(there.sum()), **_figures(workload, truth[there], said[there])}
    return found

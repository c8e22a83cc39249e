# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Evaluate: what the network says of the test periods, beside the baselines, as a whole and by group."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load

from workloads.lib.features.transform import Transform
from workloads.lib.lifecycle.prepare import columns, of_periods
from workloads.lib.lifecycle.workload import Workload
from workloads.lib.train.baselines import baselines, quality
from workloads.lib.train.loop import build
from workloads.lib.train.spec import Job
from workloads.lib.workspace import Workspace

CHUNK = 8192
DIGITS = 9


def evaluate(workload: Workload, work: Workspace, job: Job) -> dict[str, Any]:
    """Seal and return `evidence`: {rows, network, boosting, linear: quality, groups: {name: {group: quality}}}."""
    split, target, examples = workload.spec.split, workload.target, work.get_rows("examples")
    transform = Transform.model_validate_json(work.get("transform"))
    train, test = (of_periods(examples, part, target) for part in (split.train, split.test))
    known, truth = (rows[target].to_numpy().astype(float) for rows in (train, test))
    sides = [plain(transform, rows) for rows in (train, test)]
    coded, seed = [code.name for code in transform.codes], workload.spec.training.seed
    said = {"network": score(job, work.get("weights"), transform.encode(columns(test, transform)))}
    said |= baselines(workload.task, sides[0], known, sides[1], coded, seed)
    members = {name: np.asarray(of(test)) for name, of in workload.groups.items()}
    evidence = {
        "rows": len(truth),
        **{name: _figures(workload, truth, values) for name, values in said.items()},
        "groups": {name: _by_group(workload, truth, said["network"], member) for name, member in members.items()},
    }
    work.put_json("evidence", evidence)
    return evidence


def score(job: Job, weights: bytes, inputs: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
    """A probability or a value per row, of the network with these weights."""
    network = build(job)
    network.load_state_dict(load(weights))
    network.eval()
    tensors = {name: torch.from_numpy(values) for name, values in inputs.items()}
    rows = len(next(iter(tensors.values())))
    with torch.inference_mode():
        pieces = ({name: values[at : at + CHUNK] for name, values in tensors.items()} for at in range(0, rows, CHUNK))
        parts = [network(**piece) for piece in pieces]
    raw = torch.cat(parts).double()
    return (torch.sigmoid(raw) if job.task == "classification" else raw).numpy()


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

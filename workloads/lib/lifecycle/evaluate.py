# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Evaluate: what the network says of the test periods, beside the baselines, as a whole and by group."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.lib.features.transform import Transform
from workloads.lib.lifecycle.prepare import columns, of_periods
from workloads.lib.lifecycle.score import score, trained
from workloads.lib.lifecycle.workload import Workload
from workloads.lib.monitor.profile import profile
from workloads.lib.release import calibration, fairness, robustness
from workloads.lib.release import quality as judged
from workloads.lib.train.baselines import baselines, quality
from workloads.lib.train.spec import Job
from workloads.lib.workspace import Workspace

DIGITS = 9
SPOILT = 20_000
"""Rows of the test that are tried with spoilt columns: each column means a pass of its own."""


@dataclass(frozen=True)
class Tested:
    """The network on the test's rows."""

    truth: NDArray[np.float64]
    said: NDArray[np.float64]
    rows: Any
    """The examples, an Arrow table."""
    members: Mapping[str, NDArray[Any]]
    """The group of each row, by what the groups are about."""
    columns: Mapping[str, NDArray[Any]]
    """What the transform reads."""
    predict: Callable[[Mapping[str, Any]], NDArray[np.float64]]
    """The network's answers to such columns."""


def evaluate(workload: Workload, work: Workspace, job: Job) -> dict[str, Any]:
    """Seal the reference `profile`, and `evidence`: what the gate judges; return the latter's `compared`.

    {rows, network, boosting, linear: quality, groups: {name: {group: quality}}}
    """
    split, target, examples = workload.spec.split, workload.target, work.get_rows("examples")
    transform = Transform.model_validate_json(work.get("transform"))
    train, test = (of_periods(examples, part, target) for part in (split.train, split.test))
    known, truth = (rows[target].to_numpy().astype(float) for rows in (train, test))
    sides = [plain(transform, rows) for rows in (train, test)]
    coded, seed = [code.name for code in transform.codes], workload.spec.training.seed
    network = trained(job, work.get("weights"))
    asked = {name: column.to_numpy() for name, column in columns(test, transform).items()}

    def predict(rows: Mapping[str, Any]) -> NDArray[np.float64]:
        return score(network, job.task, transform.encode(rows))

    said = {"network": predict(asked)}
    said |= baselines(workload.task, sides[0], known, sides[1], coded, seed)
    members = {name: np.asarray(of(test)) for name, of in workload.groups.items()}
    evidence = {
        "rows": len(truth),
        **{name: _figures(workload, truth, values) for name, values in said.items()},
        "groups": {name: _by_group(workload, truth, said["network"], member) for name, member in members.items()},
    }
    tested = Tested(truth, said["network"], test, members, asked, predict)
    when = ", ".join(map(str, split.test))
    reference = profile(workload.task, workload.request, asked, said["network"], truth, when)
    work.put("profile", reference.model_dump_json().encode())
    work.put_json("evidence", {"compared": evidence, **measured(workload, tested)})
    return evidence


def measured(workload: Workload, tested: Tested) -> dict[str, Any]:
    """{evaluation, slices, calibration, robustness}, and `fairness` between the groups that are protected."""
    task, metric, spec = workload.task, workload.metric, workload.spec
    truth, said, seed = tested.truth, tested.said, spec.training.seed
    named = {f"{name} {group}": member == group for name, member in tested.members.items() for group in set(member)}
    some = np.sort(np.random.default_rng(seed).permutation(len(truth))[:SPOILT])
    spoilt = {name: column[some] for name, column in tested.columns.items()}
    found = {
        "evaluation": judged.measure(task, truth, said, seed=seed),
        "slices": judged.slices(task, metric, truth, said, named, spec.min_group),
        "calibration": calibration.measure(task, truth, said),
        "robustness": robustness.measure(
            task, metric, tested.predict, spoilt, truth[some], workload.request.columns, seed=seed
        ),
    }
    if workload.protected:
        found["fairness"] = {
            name: fairness.measure(
                truth.astype(int), said >= 0.5, tested.members[name], min_group=spec.min_group, seed=seed
            )
            for name in workload.protected
        }
    return found


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

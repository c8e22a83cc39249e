"""The champion: how a model compares with what production points at, on the same rows, as both are served."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from workloads.lib.registry import Model, Registry
from workloads.lib.release.evidence import NONE, about, current
from workloads.lib.release.quality import Task, against
from workloads.lib.serve.scorer import Scorer


def compare(
    registry: Registry,
    model: Model,
    task: Task,
    metric: str,
    columns: Mapping[str, Any],
    truth: NDArray[Any],
    seed: int,
) -> dict[str, Any]:
    """{digest, metric, rows, value, low, high} against the champion, sealed as evidence; {digest: none} without one.

    columns: of rows that neither was trained on, what both transforms read. truth: (rows,), their targets.
    """
    champion = current(registry, model.name)
    found: dict[str, Any] = {"digest": champion}
    if champion != NONE:
        scores = (Scorer(one).columns(columns) for one in (model, registry.load(model.name, champion)))
        found |= against(task, metric, truth, *scores, seed=seed)
    about(registry.store, model.name, model.digest).put_json("champion", found)
    return found

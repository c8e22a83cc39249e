"""The champion: how a model compares with what production points at, on the same rows, as both are served."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from workloads.lib.platform import Platform
from workloads.lib.registry import Model, Registry
from workloads.lib.release.evidence import NONE, about, current
from workloads.lib.release.quality import Task, against
from workloads.lib.serve.scorer import Scorer


def compare(
    platform: Platform,
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
    registry = Registry(platform.open_store())
    champion = current(registry, model.name)
    found: dict[str, Any] = {"digest": champion}
    if champion != NONE:
        scores = (Scorer(one).columns(columns) for one in (model, registry.load(model.name, champion)))
        found |= against(task, metric, truth, *scores, seed=seed)
    about(platform, model.name, model.digest).put_json("champion", found)
    return found

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""The loss of each task and the metrics of a validation, as sums that add up over batches and workers."""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

from infra.errors import FalajError
from workloads.lib.train.spec import Task

SUMS = ("loss", "weight", "rows", "hits", "absolute", "squared")


def per_row(task: Task, score: Tensor, target: Tensor) -> Tensor:
    """Loss of each row in fp32: cross-entropy of log-odds, or squared error. TRN-005 for scores of another shape."""
    if score.shape != target.shape:
        raise FalajError("TRN-005", "network", f"its scores are {tuple(score.shape)}, not {tuple(target.shape)}")
    compare = binary_cross_entropy_with_logits if task == "classification" else mse_loss
    return compare(score.float(), target, reduction="none")


def sums(task: Task, score: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """SUMS over the rows, float64."""
    loss = per_row(task, score, target).double()
    weight = weight.double()
    error = (score.float() - target).double()
    hits = ((score > 0) == (target > 0.5)).double()
    whole = torch.ones_like(weight)
    return torch.stack(
        [(loss * weight).sum(), weight.sum(), whole.sum(), hits.sum(), error.abs().sum(), (error**2).sum()]
    )


def metrics(task: Task, sums: list[float]) -> dict[str, float]:
    """Weighted loss, and unweighted: accuracy at log-odds 0, or RMSE and MAE."""
    of = dict(zip(SUMS, sums, strict=True))
    found = {"loss": of["loss"] / of["weight"]}
    if task == "classification":
        return found | {"accuracy": of["hits"] / of["rows"]}
    return found | {"rmse": (of["squared"] / of["rows"]) ** 0.5, "mae": of["absolute"] / of["rows"]}

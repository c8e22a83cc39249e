# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportPrivateImportUsage=false
"""The group of workers that share each batch; one alone needs no process group."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch import distributed as dist


@dataclass(frozen=True)
class Group:
    """This worker's place in it."""

    rank: int = 0
    world: int = 1

    def share(self, rows: Tensor) -> Tensor:
        """This worker's part of a batch: empty when there are fewer rows than workers."""
        return rows[self.rank :: self.world]

    def sum(self, values: Tensor) -> Tensor:
        """Over all workers, elementwise."""
        if self.world > 1:
            dist.all_reduce(values)
        return values

    def least(self, values: list[float], device: torch.device) -> list[float]:
        """The least over all workers, elementwise."""
        if self.world == 1:
            return values
        shared = torch.tensor(values, dtype=torch.float64, device=device)
        dist.all_reduce(shared, dist.ReduceOp.MIN)
        return shared.tolist()

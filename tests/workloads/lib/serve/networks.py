"""A network with both kinds of input, and one that no exporter takes."""

import torch
from torch import Tensor, nn


class Both(nn.Module):
    """Slots (rows, codes) and numbers (rows, width) to one score a row."""

    def __init__(self, slots: int, width: int) -> None:
        super().__init__()
        self.rows = nn.EmbeddingBag(slots, 16, mode="sum", padding_idx=0)
        self.head = nn.Sequential(nn.Linear(16 + width, 16), nn.GELU(), nn.Linear(16, 1))

    def forward(self, slots: Tensor, numbers: Tensor) -> Tensor:
        return self.head(torch.cat([self.rows(slots), numbers], dim=1)).squeeze(1)


class Random(Both):
    """Scores that differ from call to call."""

    def forward(self, slots: Tensor, numbers: Tensor) -> Tensor:
        return super().forward(slots, numbers) + torch.rand(len(slots))


def build(slots: int, width: int) -> nn.Module:
    return Both(slots, width)


def build_random(slots: int, width: int) -> nn.Module:
    return Random(slots, width)

"""The network: a learned row per code, summed, beside the numbers, then two layers. It scores minutes of delay."""

from torch import Tensor, nn

from workloads.lib.features.transform import UNSEEN


class Network(nn.Module):
    """Slots (rows, codes) of int64 and numbers (rows, width) of float32 to minutes (rows)."""

    def __init__(self, slots: int, numbers: int, width: int, middle: float, spread: float) -> None:
        super().__init__()
        self.rows = nn.Embedding(slots, width, padding_idx=UNSEEN)  # a bag would be a loop over rows in ONNX
        self.numbers = nn.Linear(numbers, width)
        self.head = nn.Sequential(nn.GELU(), nn.Linear(width, width), nn.GELU(), nn.Linear(width, 1))
        self.middle, self.spread = middle, spread
        nn.init.normal_(self.rows.weight, std=0.1)
        nn.init.zeros_(self.rows.weight[UNSEEN])

    def forward(self, slots: Tensor, numbers: Tensor) -> Tensor:
        return self.middle + self.spread * self.head(self.rows(slots).sum(1) + self.numbers(numbers)).squeeze(1)


def build(slots: int, numbers: int, width: int, middle: float, spread: float) -> nn.Module:
    """The network of a spec. middle, spread: median and interquartile range of the training year's delays."""
    return Network(slots, numbers, width, middle, spread)

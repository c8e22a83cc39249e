"""The network: a sum of one learned row per feature slot, then two small layers. Scores are log-odds."""

from torch import Tensor, nn

from workloads.lib.features.transform import UNSEEN


class Network(nn.Module):
    """Slots (rows, columns) of int64 to log-odds (rows)."""

    def __init__(self, slots: int, width: int) -> None:
        super().__init__()
        self.rows = nn.Embedding(slots, width, padding_idx=UNSEEN)  # a bag would be a loop over rows in ONNX
        self.head = nn.Sequential(nn.GELU(), nn.Linear(width, width // 2), nn.GELU(), nn.Linear(width // 2, 1))
        nn.init.normal_(self.rows.weight, std=0.1)
        nn.init.zeros_(self.rows.weight[UNSEEN])

    def forward(self, slots: Tensor) -> Tensor:
        return self.head(self.rows(slots).sum(1)).squeeze(1)

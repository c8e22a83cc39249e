"""The network: a sum of one learned row per feature slot, then two small layers. Scores are log-odds."""

import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from workloads.employment.features import UNSEEN


class Network(nn.Module):
    """Slots (rows, columns) of int64 to log-odds (rows)."""

    def __init__(self, slots: int, width: int) -> None:
        super().__init__()
        self.rows = nn.EmbeddingBag(slots, width, mode="sum", padding_idx=UNSEEN)
        self.head = nn.Sequential(nn.GELU(), nn.Linear(width, width // 2), nn.GELU(), nn.Linear(width // 2, 1))
        nn.init.normal_(self.rows.weight, std=0.1)

    def forward(self, slots: Tensor) -> Tensor:
        return self.head(self.rows(slots)).squeeze(1)

    @torch.inference_mode()
    def probability(self, slots: Tensor) -> Tensor:
        """Probability of being employed, per row."""
        return torch.sigmoid(self(slots))

    def to_bytes(self) -> bytes:
        """The weights as safetensors."""
        return save(self.state_dict())

    @classmethod
    def from_bytes(cls, weights: bytes) -> "Network":
        """The network whose weights these are; its sizes are read off them."""
        state = load(weights)
        slots, width = state["rows.weight"].shape
        network = cls(slots, width)
        network.load_state_dict(state)
        return network.eval()

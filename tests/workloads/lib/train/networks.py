"""Small networks for the tests of training."""

import os
import time
from pathlib import Path

from torch import Tensor, nn


class Mlp(nn.Module):
    """Numbers (rows, columns) to one score a row."""

    def __init__(self, columns: int, width: int = 32, dropout: float = 0.0) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(columns, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, width), nn.ReLU()
        )
        self.head = nn.Linear(width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.layers(x)).squeeze(1)


class Slow(Mlp):
    """One that gives a test the time to kill it: `seconds` a step. Each process that builds it signs in `trace`."""

    def __init__(self, columns: int, seconds: float, trace: str, dropout: float = 0.3) -> None:
        super().__init__(columns, dropout=dropout)
        self.seconds = seconds
        with Path(trace).open("a") as file:
            file.write(f"{os.getpid()}\n")

    def forward(self, x: Tensor) -> Tensor:
        time.sleep(self.seconds)
        return super().forward(x)


def no_network() -> int:
    return 3

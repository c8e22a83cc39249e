"""Everything of a training that is a function of the step alone: learning rate, order of the rows, random seeds.

So none of it is state: a resumed run, on any number of workers, has just what the uninterrupted one had.
"""

import hashlib
from math import cos, pi
from typing import Literal

import torch
from torch import Tensor

WARM_UP = 0.3
START = 1 / 25
END = START / 1e4
"""Of torch's OneCycleLR, whose curve `one_cycle` is: pct_start, 1 / div_factor, that / final_div_factor."""


def factor(kind: Literal["constant", "cosine", "one_cycle"], step: int, steps: int) -> float:
    """What the learning rate is multiplied by at a step of 0 … steps - 1."""
    if kind == "constant":
        return 1.0
    if kind == "cosine":
        return (1 + cos(pi * step / steps)) / 2
    peak = WARM_UP * steps - 1
    if step < peak:
        return _between(START, 1, step / peak)
    return _between(1, END, (step - peak) / max(steps - 1 - peak, 1))


def order(seed: int, epoch: int, rows: int) -> Tensor:
    """The rows of that epoch, shuffled."""
    return torch.randperm(rows, generator=torch.Generator().manual_seed(derived(seed, "order", epoch)))


def derived(seed: int, *what: object) -> int:
    """A seed of 63 bits for one use, unlike that of any other use."""
    return int.from_bytes(hashlib.sha256(repr((seed, *what)).encode()).digest()[:8], "big") >> 1


def _between(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2 * (1 + cos(pi * share))

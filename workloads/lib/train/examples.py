# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Examples: the network's inputs by name, the target and a weight per row; sealed as safetensors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from safetensors.numpy import save
from safetensors.torch import load
from torch import Tensor

from infra.errors import FalajError

INPUT = "input:"


@dataclass(frozen=True)
class Examples:
    """Tensors whose first dimension is the row: int64 or float32 inputs, float32 target and weight."""

    inputs: dict[str, Tensor]
    target: Tensor
    weight: Tensor

    def __len__(self) -> int:
        return len(self.target)

    def pick(self, rows: Tensor) -> "Examples":
        """Those rows, in that order."""
        inputs = {name: values[rows] for name, values in self.inputs.items()}
        return Examples(inputs, self.target[rows], self.weight[rows])

    def to(self, device: torch.device) -> "Examples":
        """The same on that device."""
        inputs = {name: values.to(device) for name, values in self.inputs.items()}
        return Examples(inputs, self.target.to(device), self.weight.to(device))

    def split(self, share: float, seed: int) -> "tuple[Examples, Examples]":
        """Two disjoint sets drawn by the seed; the second has that share of the rows, at least one."""
        order = torch.randperm(len(self), generator=torch.Generator().manual_seed(seed))
        held = max(1, round(share * len(self)))
        return self.pick(order[held:]), self.pick(order[:held])

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> "Examples":
        """What `to_bytes` made. TRN-003 when there is no row, or it is something else."""
        tensors = {key: _network_type(values) for key, values in load(data).items()}
        inputs = {key.removeprefix(INPUT): values for key, values in tensors.items() if key.startswith(INPUT)}
        if not inputs or "target" not in tensors:
            raise FalajError("TRN-003", f"examples {name}", f"they hold {sorted(tensors)}, not inputs and a target")
        target = tensors["target"].float()
        examples = cls(inputs, target, tensors.get("weight", torch.ones(len(target))).float())
        rows = {key: len(values) for key, values in tensors.items()}
        if not len(target) or len(set(rows.values())) > 1:
            raise FalajError(
                "TRN-003", f"examples {name}", f"the rows are {rows}; as many of each, and some, are needed"
            )
        if not bool((examples.weight >= 0).all() and 0 < examples.weight.sum() < float("inf")):
            raise FalajError("TRN-003", f"examples {name}", "a weight is negative or no number, or all are 0")
        return examples


def to_bytes(inputs: Mapping[str, NDArray[Any]], target: NDArray[Any], weight: NDArray[Any] | None = None) -> bytes:
    """Safetensors of the arrays as they are: small integers stay small in the store."""
    arrays = {INPUT + name: values for name, values in inputs.items()} | {"target": target}
    return save(arrays if weight is None else arrays | {"weight": weight})


def _network_type(values: Tensor) -> Tensor:
    return values.float() if values.is_floating_point() else values.long()

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Score: what a network says of encoded rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load
from torch import nn

from workloads.lib.registry import Model
from workloads.lib.train.loop import build
from workloads.lib.train.spec import Job, Task

CHUNK = 8192
"""Rows of one forward pass."""


def network_of(model: Model) -> nn.Module:
    """The network of a registry entry, with its weights."""
    return trained(Job.model_validate(model.json("job.json")), model.files["model.safetensors"])


def trained(job: Job, weights: bytes) -> nn.Module:
    """The network with these weights (safetensors), ready to answer."""
    network = build(job)
    network.load_state_dict(load(weights))
    return network.eval()


def score(network: nn.Module, task: Task, inputs: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    """A probability or a value per row."""
    tensors = {name: torch.from_numpy(values) for name, values in inputs.items()}
    rows = len(next(iter(tensors.values())))
    with torch.inference_mode():
        pieces = ({name: values[at : at + CHUNK] for name, values in tensors.items()} for at in range(0, rows, CHUNK))
        raw = torch.cat([network(**piece) for piece in pieces]).double()
    return (torch.sigmoid(raw) if task == "classification" else raw).numpy()

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Export: what a registry entry needs to be served, made from a trained network and held against it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load, save

from infra.errors import FalajError
from workloads.lib.data.column import Schema
from workloads.lib.features.definition import FeatureView
from workloads.lib.features.transform import Transform
from workloads.lib.fingerprint import canonical
from workloads.lib.serve.described import FILE, ONNX, TRANSFORM, WEIGHTS, Described, Parity
from workloads.lib.serve.scorer import run, session
from workloads.lib.serve.to_onnx import to_onnx
from workloads.lib.train.loop import build
from workloads.lib.train.spec import Job

BOUND = 1e-4
"""How far scores may be apart. fp32 has a unit round-off of 6e-8; a sum of some hundred products loses a few digits."""
SIZES = (1, 2, 7)
"""Batches that are tried beside the whole sample: an exporter may freeze the size it was shown."""


def export(
    weights: bytes,
    job: Job,
    transform: Transform,
    schema: Schema,
    sample: Mapping[str, Any],
    *,
    views: Sequence[FeatureView] = (),
    bound: float = BOUND,
) -> dict[str, bytes]:
    """The entry's files `model.safetensors`, `model.onnx`, `transform.json` and `serving.json`.

    sample: columns of real rows, at least one. views: whose features a request may leave out. SRV-001 when the network
    has no ONNX form or its scores differ by more than `bound`.
    """
    network = build(job)
    network.load_state_dict(load(weights))
    inputs = transform.encode(sample)
    network.eval()
    onnx = to_onnx(job, weights, inputs)
    parity = Parity(rows=_rows(inputs), max_difference=difference(network, onnx, inputs), bound=bound)
    if not parity.max_difference <= bound:
        raise FalajError("SRV-001", job.network, f"ONNX and torch differ by {parity.max_difference:.2e}, over {bound}")
    told = Described(
        task=job.task,
        network=job.network,
        network_config=job.network_config,
        table=schema.as_dict(),
        views=tuple(view.model_dump(mode="json") for view in views),
        parity=parity,
    )
    return {
        WEIGHTS: save(network.state_dict()),
        ONNX: onnx,
        TRANSFORM: canonical(transform.model_dump(mode="json")),
        FILE: canonical(told.model_dump(mode="json")),
    }


@torch.inference_mode()
def difference(network: torch.nn.Module, onnx: bytes, inputs: Mapping[str, NDArray[Any]]) -> float:
    """The largest difference of scores over the sample and small batches of it, relative where scores exceed 1.

    Infinite when ONNX Runtime refuses a batch or either gives no number.
    """
    opened, worst = session(onnx), 0.0
    for size in (*SIZES, _rows(inputs)):
        part = {name: np.ascontiguousarray(rows[:size]) for name, rows in inputs.items()}
        ours = network(**{name: torch.from_numpy(rows) for name, rows in part.items()}).float().numpy()
        try:
            theirs = run(opened, part)
        except Exception as error:  # onnxruntime's errors have no public base
            raise FalajError("SRV-001", f"{_rows(part)} rows", f"ONNX Runtime refuses them: {error}") from error
        if ours.shape != theirs.shape or not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
            return float("inf")
        worst = max(worst, float((np.abs(ours - theirs) / np.maximum(np.abs(ours), 1)).max()))
    return worst


def _rows(inputs: Mapping[str, NDArray[Any]]) -> int:
    return len(next(iter(inputs.values())))

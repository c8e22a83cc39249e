# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A scorer: a verified registry entry that answers rows, through ONNX Runtime when the entry has ONNX, else torch."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pydantic import ValidationError

from infra.errors import FalajError
from workloads.lib.features.transform import Transform
from workloads.lib.registry import Model
from workloads.lib.serve.described import FILE, ONNX, TRANSFORM, WEIGHTS, Described

SCORE = "score"
Inputs = Mapping[str, NDArray[Any]]
Network = Callable[[Inputs], NDArray[np.float32]]


class Scorer:
    """Rows to predictions: probabilities (classification) or values (regression), float64, NaN for no number."""

    def __init__(self, model: Model, threads: int = 1) -> None:
        """threads: of one call. SRV-002 when the entry lacks a file or one is not what `export` writes."""
        try:
            self.described = Described.model_validate_json(model.files[FILE])
            self.transform = Transform.model_validate_json(model.files[TRANSFORM])
            self._network = _onnx(model, threads) if ONNX in model.files else _torch(model, self.described, threads)
        except (KeyError, ValidationError) as error:
            raise FalajError("SRV-002", f"model {model.digest}", " ".join(str(error).split())[:200]) from error
        self.model = model.digest
        self.features = self.transform.digest
        """The version of the features."""

    def score(self, rows: Sequence[Mapping[str, Any]]) -> NDArray[np.float64]:
        """A prediction for each row (a mapping with every column of the transform). FEA-006 as for `encode`."""
        return self.columns({name: [row[name] for row in rows] for name in self.transform.names})

    def columns(self, columns: Mapping[str, Any]) -> NDArray[np.float64]:
        """The same for a table's columns."""
        scores = self._network(self.transform.encode(columns)).astype(np.float64)
        if self.described.task == "regression":
            return scores
        return 1 / (1 + np.exp(-np.clip(scores, -700, 700)))  # e^709 is the largest float64 has room for


def session(onnx: bytes, threads: int = 1) -> Any:
    """An ONNX Runtime session on CPU. Spinning threads are off: they take the cores of whoever else is at work."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])


def run(opened: Any, inputs: Inputs) -> NDArray[np.float32]:
    """Scores of the inputs, (rows,)."""
    return opened.run([SCORE], dict(inputs))[0]


def _onnx(model: Model, threads: int) -> Network:
    opened = session(model.files[ONNX], threads)
    return lambda inputs: run(opened, inputs)


def _torch(model: Model, described: Described, threads: int) -> Network:
    import torch
    from safetensors.torch import load

    torch.set_num_threads(threads)
    module, _, function = described.network.partition(":")
    try:
        network = getattr(importlib.import_module(module), function)(**described.network_config)
        network.load_state_dict(load(model.files[WEIGHTS]))
    except (ImportError, AttributeError, TypeError, RuntimeError) as error:
        problem = f"{described.network} does not take the weights: {str(error).splitlines()[0]}"
        raise FalajError("SRV-002", f"model {model.digest}", problem) from error
    network.eval()

    def score(inputs: Inputs) -> NDArray[np.float32]:
        with torch.inference_mode():
            return network(**{name: torch.from_numpy(part) for name, part in inputs.items()}).float().numpy()

    return score

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A network as ONNX, for any number of rows, made in a process of its own.

The exporter orders names by Python's hashes, which differ from process to process: there they are the same each time,
so equal networks have equal bytes, and a model its digest.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load

from infra.errors import FalajError
from workloads.lib.fingerprint import canonical
from workloads.lib.serve.scorer import SCORE
from workloads.lib.train.loop import build
from workloads.lib.train.spec import Job


def to_onnx(job: Job, weights: bytes, inputs: Mapping[str, NDArray[Any]]) -> bytes:
    """The job's network with these weights; of the inputs only names, types and widths are looked at. SRV-001."""
    shown = {name: [part.dtype.str, list(part.shape[1:])] for name, part in inputs.items()}
    told = canonical([job.model_dump(mode="json"), shown]) + b"\n" + weights
    environment = os.environ | {"PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-m", __name__], input=told, env=environment, capture_output=True)
    if done.returncode:
        said = done.stderr.decode(errors="replace")
        last = (said.strip().splitlines() or ["no word"])[-1][:200]
        raise FalajError.from_text(said) or FalajError("SRV-001", job.network, f"it cannot be exported: {last}")
    return done.stdout


def exported(network: torch.nn.Module, shown: Mapping[str, torch.Tensor]) -> bytes:
    """ONNX without the exporter's remarks, which name folders of this machine."""
    for chatty in ("torch.onnx", "onnxscript", "onnx_ir"):  # they name every package and step that is left out
        logging.getLogger(chatty).setLevel(logging.ERROR)
    made: Any = torch.onnx.export(
        network.eval(),
        (),
        kwargs=dict(shown),
        dynamic_shapes={name: {0: torch.export.Dim.DYNAMIC} for name in shown},
        input_names=list(shown),
        output_names=[SCORE],
        dynamo=True,
        verbose=False,
    )
    model: Any = made.model_proto
    bare(model)
    return model.SerializeToString(deterministic=True)


def bare(message: Any) -> None:
    """Clear remarks and documentation of a part of the model and of all below it."""
    for field, value in message.ListFields():
        if field.name in ("metadata_props", "doc_string"):
            message.ClearField(field.name)
        elif field.type == field.TYPE_MESSAGE:
            for part in [value] if hasattr(value, "ListFields") else value:
                bare(part)


def main() -> None:
    """Standard input: job and shapes as a line of JSON, then the weights. Standard output: the ONNX alone."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    head, weights = sys.stdin.buffer.readline(), sys.stdin.buffer.read()
    fields, shown = json.loads(head)
    network = build(Job.model_validate(fields))
    network.load_state_dict(load(weights))
    rows = {name: torch.from_numpy(np.zeros((2, *shape), dtype)) for name, (dtype, shape) in shown.items()}
    out.write(exported(network, rows))
    out.close()


if __name__ == "__main__":
    main()

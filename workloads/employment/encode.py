"""Encode: fit the transform on the training year, seal it and the training tensors."""

import numpy as np
from safetensors.numpy import save

from workloads.employment.columns import TARGET
from workloads.employment.features import Features
from workloads.employment.spec import Data
from workloads.lib.workspace import Workspace


def encode(work: Workspace, data: Data) -> Features:
    """Seal `features`, `rows` and `train` ({slots: int16 (rows, columns), target: uint8 (rows), count}) in `work`."""
    clean = work.get_table("clean")
    rows = clean[clean["year"] == data.train_year]
    features = Features.fit(rows)
    work.put("features", features.model_dump_json().encode())
    work.put_json("rows", {"train": len(rows)})
    tensors = {
        "slots": features.encode(rows).astype(np.int16),
        "target": rows[TARGET].to_numpy().astype(np.uint8),
        "count": np.array(features.slots),
    }
    work.put("train", save(tensors))
    return features

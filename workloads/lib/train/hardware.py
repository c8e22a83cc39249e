# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What a worker really runs on, for the record of the run."""

import os
import platform
from typing import Any

import torch

from workloads.lib.train.spec import Training


def prepare(training: Training, device: torch.device, threads: int) -> dict[str, Any]:
    """Set this process up for it and say what it is: equal facts mean equal weights on a CPU in fp32.

    Deterministic kernels everywhere; on a GPU those that have none only warn, so there is no such promise.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is not deterministic without
    torch.set_num_threads(threads)
    gpu = device.type == "cuda"
    torch.use_deterministic_algorithms(True, warn_only=gpu)
    return {
        "machine": platform.machine(),
        "device": torch.cuda.get_device_name(device) if gpu else "cpu",
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": threads,
        "precision": training.precision,
        "compile": training.compile,
    }

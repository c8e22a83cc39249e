# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Fit: Ray Train runs a job on the platform's runtime; a run that was killed goes on from its last checkpoint."""

import os
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from workloads.lib.platform import Platform
from workloads.lib.ray_client import connected
from workloads.lib.train.journal import Journal
from workloads.lib.train.spec import Job, Profile, profile
from workloads.lib.workspace import Workspace

POLL_SECONDS = "0.5"
"""How often Ray's controller takes a report; a worker with two untaken ones waits. Ray's own default is 2 s."""


def train(
    platform_file: Path, platform: Platform, work: Workspace, job: Job, scratch: Path, journal: Journal | None = None
) -> dict[str, Any]:
    """Seal `weights` (safetensors) and `trained` in `work` and return the latter.

    {job, weights: digest, steps, history, best, attempts}. Errors: TRN-001 … 005, STO-007 when the store is full,
    WRK-015 when workers were lost more often than the spec's `retries`. After each of them a next run goes on.
    The journal's run stays open: the workload ends it (`keep("FINISHED")`, `send()`) with its last step.
    """
    with connected(platform) as ray:
        gpus = int(ray.cluster_resources().get("GPU", 0))
        return fit(platform_file, work, job, profile(job.training, platform.ray.cpus, gpus), scratch, journal)


def fit(
    platform_file: Path,
    work: Workspace,
    job: Job,
    on: Profile,
    scratch: Path,
    journal: Journal | None = None,
) -> dict[str, Any]:
    """`train` on the runtime that this process is connected to already."""
    if journal is None:
        return _fit(platform_file, work, job, on, scratch, [])
    from workloads.lib.train.callback import Tracking

    journal.keep("RUNNING", params=job.model_dump(mode="json") | {"profile": asdict(on)})
    journal.send()
    try:
        callback = Tracking(platform_file, work.prefix, journal.tracker, journal.key)
        trained = _fit(platform_file, work, job, on, scratch, [callback])
    except FalajError as error:
        with suppress(FalajError):  # a full store: what stopped the training is the thing to say
            journal.keep("FAILED", tags={"falaj.error": str(error)})
            journal.send()
        raise
    journal.keep("RUNNING", trained["history"], tags={"falaj.weights": trained["weights"]})
    journal.send()
    return trained


def _fit(
    platform_file: Path, work: Workspace, job: Job, on: Profile, scratch: Path, callbacks: list[Any]
) -> dict[str, Any]:
    os.environ.setdefault("RAY_TRAIN_HEALTH_CHECK_INTERVAL_S", POLL_SECONDS)
    from ray.train import CheckpointConfig, FailureConfig, RunConfig, ScalingConfig
    from ray.train.torch import TorchTrainer

    from workloads.lib.train.checkpoint import Checkpoints
    from workloads.lib.train.worker import TRAINED
    from workloads.lib.train.worker import work as share

    spec = job.training
    config = {"platform": str(platform_file), "prefix": work.prefix, "job": job.model_dump(), "threads": on.threads}
    trainer = TorchTrainer(
        share,
        train_loop_config=config,
        scaling_config=ScalingConfig(
            num_workers=(on.min_workers, on.max_workers) if on.min_workers < on.max_workers else on.max_workers,
            use_gpu=on.device == "gpu",
            resources_per_worker={"CPU": on.cpus} | ({"GPU": 1} if on.device == "gpu" else {}),
            elastic_resize_monitor_interval_s=spec.workers.resize_seconds,
        ),
        # A new folder each time: what a run goes on from are the sealed checkpoints, never what Ray left.
        run_config=RunConfig(
            name="train",
            storage_path=tempfile.mkdtemp(dir=scratch),
            failure_config=FailureConfig(max_failures=spec.retries),
            checkpoint_config=CheckpointConfig(num_to_keep=spec.keep),
            callbacks=callbacks,
        ),
    )
    try:
        result = trainer.fit()
    except Exception as error:  # the worker's own error comes wrapped, in several ways
        print(error, file=sys.stderr)  # noqa: T201 - the worker's traceback, for the log
        raise FalajError("WRK-015", "training", _reason(error)) from error
    if result.return_value:
        raise FalajError.from_dict(result.return_value)
    work.drop(*Checkpoints(work, job.digest, spec.keep).names())
    return work.get_json(TRAINED) | {"profile": asdict(on)}


def _reason(error: BaseException) -> str:
    while error.__cause__:
        error = error.__cause__
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[-1]}"

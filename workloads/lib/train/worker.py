# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""What each worker of Ray Train runs: the loop, between the sealed store and Ray's reports.

Examples come out of the store and checkpoints and weights go into it, so neither passes through Ray's object store or
its storage folder, where only the names of checkpoints are. torch is imported here, in the worker.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from ray import train as ray_train
from ray.train.collective import broadcast_from_rank_zero
from ray.train.torch import get_device
from safetensors.torch import save

from infra.errors import FalajError
from workloads.lib.platform import Platform
from workloads.lib.train import hardware
from workloads.lib.train.checkpoint import Checkpoint, Checkpoints
from workloads.lib.train.examples import Examples
from workloads.lib.train.group import Group
from workloads.lib.train.loop import Hooks, Loop
from workloads.lib.train.spec import Job
from workloads.lib.workspace import Workspace

WEIGHTS = "weights"
TRAINED = "trained"


def work(config: dict[str, Any]) -> dict[str, Any] | None:
    """Train this worker's share. Returns the error, when it is one that trying again would meet again."""
    try:
        _work(config)
    except FalajError as error:
        return error.as_dict()
    return None


def _work(config: dict[str, Any]) -> None:
    job = Job.model_validate(config["job"])
    workspace = Workspace(Platform.load(Path(config["platform"])).open_store(), config["prefix"])
    context = ray_train.get_context()
    group = Group(context.get_world_rank(), context.get_world_size())
    device: torch.device = get_device()  # pyright: ignore[reportAssignmentType]
    facts = hardware.prepare(job.training, device, config["threads"])

    checkpoints = Checkpoints(workspace, job.digest, job.training.keep)
    newest, refused = checkpoints.newest() if group.rank == 0 else (None, [])
    name = broadcast_from_rank_zero(newest)
    train = Examples.from_bytes(workspace.get(job.train), job.train)
    validation = Examples.from_bytes(workspace.get(job.validation), job.validation) if job.validation else None
    resume = checkpoints.load(name) if name else None
    hooks = Hooks(Sealing(checkpoints, group.rank), _Leaving())
    about = {"refused": refused, "hardware": facts}
    loop = Loop(job, train, validation, group, device, hooks, resume, about)
    weights = loop.run()
    ray_train.report({"history": loop.position.history})
    if group.rank == 0:  # after the last thing that all do together: nobody waits when the store is full
        position = loop.position
        made = {"job": job.digest, "weights": workspace.put(WEIGHTS, save(weights)), "steps": position.step}
        made |= {"history": position.history, "best": position.best, "attempts": position.attempts}
        workspace.put_json(TRAINED, made)  # last: it says that training is done


@dataclass(frozen=True)
class Sealing:
    """Seals each checkpoint as Ray's upload hook; all workers learn when the store refused it."""

    checkpoints: Checkpoints
    rank: int

    def __call__(self, checkpoint: Checkpoint) -> None:
        """Report it. Raises what the store raised (STO-007 when it is full) in every worker."""
        failed: FalajError | None = None
        storage: Any = ray_train.get_context().get_storage()

        def seal(_: ray_train.Checkpoint, name: str) -> ray_train.Checkpoint:
            nonlocal failed
            folder = Path(storage.experiment_fs_path) / name
            folder.mkdir(parents=True, exist_ok=True)
            try:
                (folder / "sealed.json").write_text(json.dumps(self.checkpoints.save(checkpoint)))
            except FalajError as error:
                failed = error
            return ray_train.Checkpoint(str(folder), storage.storage_filesystem)

        metrics = {"history": checkpoint.position.history}
        nothing = ray_train.Checkpoint(storage.experiment_fs_path, storage.storage_filesystem)
        ray_train.report(metrics, checkpoint=nothing if self.rank == 0 else None, checkpoint_upload_fn=seal)
        if code := broadcast_from_rank_zero(failed and failed.code):
            raise failed or FalajError(code, "checkpoint", "the first worker could not seal it")


class _Leaving:
    """Whether Ray says that a machine of the group is about to be taken away; true once."""

    def __init__(self) -> None:
        self.told = False

    def __call__(self) -> bool:
        leaving = ray_train.get_preemption_info() is not None and not self.told
        self.told |= leaving
        return leaving

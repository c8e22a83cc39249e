# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateImportUsage=false
"""Tune: Ray Tune with Optuna's sampler and ASHA searches a space; each trial is the loop itself on held-out rows.

Trials see the training rows alone, part of which is held out to judge them. What a trial reached is sealed after each
epoch, under the digest of its settings: a search that was killed meets its old trials again and replays them.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from workloads.lib import fingerprint
from workloads.lib.platform import Platform
from workloads.lib.ray_client import connected
from workloads.lib.train.space import Between, OneOf, Space, apply
from workloads.lib.train.spec import Job
from workloads.lib.workspace import Workspace

METRIC = "validation_loss"
TUNED = "tuned"


def tune(
    platform_file: Path, platform: Platform, work: Workspace, job: Job, space: Space, scratch: Path
) -> tuple[Job, dict[str, Any]]:
    """The best job, and {best: {setting: value}, loss, trials: [{settings, epochs, loss}]}, sealed as `tuned`.

    Errors: TRN-003, TRN-006, TRN-007.
    """
    with connected(platform):
        return search(platform_file, work, job, space, scratch, platform.ray.cpus)


def search(
    platform_file: Path, work: Workspace, job: Job, space: Space, scratch: Path, cpus: int
) -> tuple[Job, dict[str, Any]]:
    """`tune` on the runtime that this process is connected to already."""
    space.check(job)
    from ray import tune as ray_tune
    from ray.tune.schedulers import ASHAScheduler
    from ray.tune.search.optuna import OptunaSearch

    share = max(1, cpus // space.at_once)
    where = {"platform": str(platform_file), "prefix": work.prefix, "job": job.model_dump(), "threads": share}
    trial = ray_tune.with_parameters(run_trial, where=where, space=space.model_dump())
    epochs = job.training.epochs
    tuner = ray_tune.Tuner(
        ray_tune.with_resources(trial, {"CPU": share}),
        param_space={name: _domain(range_) for name, range_ in space.parameters.items()},
        tune_config=ray_tune.TuneConfig(
            metric=METRIC,
            mode="min",
            num_samples=space.trials,
            max_concurrent_trials=space.at_once,
            search_alg=OptunaSearch(seed=space.seed),
            scheduler=ASHAScheduler(
                max_t=epochs, grace_period=min(space.grace, epochs), reduction_factor=space.reduction
            ),
        ),
        run_config=ray_tune.RunConfig(name="tune", storage_path=tempfile.mkdtemp(dir=scratch), verbose=0),
    )
    results = tuner.fit()
    done = [_summary(work, job, result.config, space) for result in results if result.error is None and result.config]
    if not done:
        error = results.errors[0]
        print(error, file=sys.stderr)  # noqa: T201 - the trial's traceback, for the log
        if found := FalajError.from_text(str(error)):
            raise found
        last = (str(error).strip().splitlines() or [type(error).__name__])[-1]
        raise FalajError("TRN-007", "tuning", f"of {space.trials} trials, the first failed with {last}")
    best = min(done, key=lambda one: one["loss"])
    tuned = {"best": best["settings"], "loss": best["loss"], "trials": done, "space": space.model_dump(mode="json")}
    work.put_json(TUNED, tuned)
    return apply(job, best["settings"]), tuned


def run_trial(config: dict[str, Any], where: dict[str, Any], space: dict[str, Any]) -> None:
    """One trial: report what is sealed of it, then train if that was not all."""
    import torch
    from ray import tune as ray_tune

    from workloads.lib.train import hardware
    from workloads.lib.train.examples import Examples
    from workloads.lib.train.loop import Hooks, Loop

    job = apply(Job.model_validate(where["job"]), config)
    work = Workspace(Platform.load(Path(where["platform"])).open_store(), where["prefix"])
    name = _record(job, Space.model_validate(space))
    known: list[float] = work.find_json(name, [])
    for loss in known:
        ray_tune.report({METRIC: loss})  # does not return from the report at which the scheduler stops the trial
    if len(known) == job.training.epochs:
        return
    hardware.prepare(job.training, torch.device("cpu"), where["threads"])
    data, held = Examples.from_bytes(work.get(job.train), job.train).split(space["holdout"], space["seed"])
    losses: list[float] = []

    def reached(row: dict[str, float]) -> None:
        losses.append(row[METRIC])
        if len(losses) > len(known):
            work.put_json(name, losses)
            ray_tune.report({METRIC: losses[-1]})

    Loop(job, data, held, hooks=Hooks(finished_epoch=reached)).run()


def _record(job: Job, space: Space) -> str:
    """Where a trial's losses are: by all that they depend on."""
    key = fingerprint.of_value([job.digest, space.holdout, space.seed])
    return f"trial/{key.removeprefix('sha256:')[:32]}"


def _summary(work: Workspace, job: Job, settings: dict[str, Any], space: Space) -> dict[str, Any]:
    losses: list[float] = work.get_json(_record(apply(job, settings), space))
    return {"settings": settings, "epochs": len(losses), "loss": losses[-1]}


def _domain(range_: Between | OneOf) -> Any:
    from ray import tune as ray_tune

    if isinstance(range_, OneOf):
        return ray_tune.choice(range_.values)
    low, high = range_.low, range_.high
    if isinstance(low, int) and isinstance(high, int):  # Ray leaves the upper bound of integers out
        return ray_tune.lograndint(low, high + 1) if range_.log else ray_tune.randint(low, high + 1)
    return ray_tune.loguniform(low, high) if range_.log else ray_tune.uniform(low, high)

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Train: Ray Train runs the loop beside the data; tensors come out of the sealed store and weights go back into it.

Neither data nor weights pass through Ray's object store or its session folder: a worker opens the store itself.
"""

import sys
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from workloads.employment.spec import Training
from workloads.lib.platform import Platform
from workloads.lib.ray_client import connected
from workloads.lib.workspace import Workspace


def train(platform_file: Path, platform: Platform, work: Workspace, training: Training, scratch: Path) -> list[float]:
    """Seal `weights` and `losses` in `work`; returns the mean loss of each epoch. WRK-015 when training fails."""
    config = {
        "platform": str(platform_file),
        "prefix": work.prefix,
        "threads": platform.ray.cpus,
        **training.model_dump(),
    }
    with connected(platform):
        from ray.train import RunConfig, ScalingConfig
        from ray.train.torch import TorchTrainer

        # One worker with every core: on one machine threads over a shared batch beat processes that average gradients.
        scaling = ScalingConfig(num_workers=1, resources_per_worker={"CPU": platform.ray.cpus})
        storage = RunConfig(name="train", storage_path=str(scratch))
        try:
            TorchTrainer(_loop, train_loop_config=config, scaling_config=scaling, run_config=storage).fit()
        except Exception as error:  # the worker's own error comes wrapped, in several ways
            cause: BaseException = error
            while cause.__cause__:
                cause = cause.__cause__
            print(error, file=sys.stderr)  # noqa: T201 - the worker's traceback, for the log
            reason = f"{type(cause).__name__}: {(str(cause).splitlines() or [''])[-1]}"
            raise FalajError("WRK-015", "training", reason) from error
    return work.get_json("losses")


def _loop(config: dict[str, Any]) -> None:
    """One worker: train on its share of every batch; rank 0 seals the weights."""
    import torch
    from ray import train as ray_train
    from ray.train.torch import prepare_model
    from safetensors.torch import load
    from torch.nn.functional import binary_cross_entropy_with_logits

    from workloads.employment.network import Network

    work = Workspace(Platform.load(Path(config["platform"])).open_store(), config["prefix"])
    rank, world = ray_train.get_context().get_world_rank(), ray_train.get_context().get_world_size()
    torch.set_num_threads(config["threads"])
    torch.manual_seed(config["seed"])
    torch.use_deterministic_algorithms(True)

    data = load(work.get("train"))
    slots, target = data["slots"].long(), data["target"].float()
    network = Network(int(data["count"]), config["width"])
    model: Any = prepare_model(network)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=config["weight_decay"])
    steps = config["epochs"] * -(-len(target) // config["batch"])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config["learning_rate"], total_steps=steps)
    shuffle = torch.Generator().manual_seed(config["seed"])

    losses: list[float] = []
    for _ in range(config["epochs"]):
        total = torch.zeros(())
        for batch in torch.randperm(len(target), generator=shuffle).split(config["batch"]):
            rows = batch[rank::world]
            loss = binary_cross_entropy_with_logits(model(slots[rows]), target[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.detach() * len(batch)
        losses.append(round(total.item() / len(target), 6))
    if rank == 0:
        work.put("weights", network.to_bytes())
        work.put_json("losses", losses)  # last: it says that training is done

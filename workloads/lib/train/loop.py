# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateImportUsage=false
"""The training loop of one worker, for every task and network. It knows torch, and neither Ray nor the store.

The batch is that of the whole group: each worker takes its share, and the gradient is the one a single worker would
have had, uneven last batch included. All that is not in a checkpoint is a function of the step (`schedule`).
"""

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from infra.errors import FalajError
from workloads.lib.train import losses, schedule
from workloads.lib.train.checkpoint import Checkpoint, Position
from workloads.lib.train.examples import Examples
from workloads.lib.train.group import Group
from workloads.lib.train.spec import Job

SETTLE = 32
"""Steps between two looks at the losses: a look at each would have a GPU wait."""
LOOK_SECONDS = 5.0
"""How often a worker asks whether its machine is about to go."""
TINY = 1e-12
CHUNK = 8192
"""Rows of one forward pass of the validation."""


@dataclass
class Hooks:
    """What the loop asks of its surroundings. Every worker of the group calls each at the same step."""

    save: Callable[[Checkpoint], None] = lambda _: None
    leaving: Callable[[], bool] = lambda: False
    """Whether a machine of the group is about to be taken away: then there is a checkpoint at once."""
    finished_epoch: Callable[[dict[str, float]], None] = lambda _: None


@dataclass
class Loop:
    """One worker's training; `run` it. TRN-002: the loss is no number; TRN-005: the network does not fit."""

    job: Job
    train: Examples
    validation: Examples | None = None
    group: Group = field(default_factory=Group)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    hooks: Hooks = field(default_factory=Hooks)
    resume: Checkpoint | None = None
    about: dict[str, Any] = field(default_factory=dict[str, Any])
    """Of this attempt, for the record."""

    def __post_init__(self) -> None:
        self.spec = self.job.training
        self.position = self.resume.position if self.resume else Position()
        self.position.attempts.append({"step": self.position.step, "workers": self.group.world, **self.about})
        self.batches = -(-len(self.train) // self.spec.batch)
        self.steps = self.spec.epochs * self.batches
        self.train = self.train.to(self.device)
        self.validation = self.validation.to(self.device) if self.validation else None
        self.network = build(self.job).to(self.device)
        self.model = self._faster(self.network)
        self.optimizer = self._optimizer()
        self.best: dict[str, Tensor] = {}
        self.pending: list[Tensor] = []
        self.shuffled = -1
        self.looked = time.monotonic()
        if self.resume:
            self._restore(self.resume)

    def run(self) -> dict[str, Tensor]:
        """Train to the end; the weights (of the best epoch, when the training may stop early)."""
        while self.position.step < self.steps and not self._stale():
            self._step(self._rows())
            self.position.step += 1
            epoch, batch = divmod(self.position.step, self.batches)
            due = self.position.step % self.spec.checkpoint == 0
            if batch == 0 or due or self.position.step % SETTLE == 0:
                due = self._settle() or due
            if batch == 0:
                self._finish_epoch(epoch)
            if due:
                self._save()
        return {name: value.detach().cpu().contiguous() for name, value in (self.best or self._weights()).items()}

    def _rows(self) -> Tensor:
        """Those of the next batch, for the whole group."""
        epoch, batch = divmod(self.position.step, self.batches)
        if epoch != self.shuffled:
            self.order = schedule.order(self.spec.seed, epoch, len(self.train)).to(self.device)
            self.shuffled = epoch
        return self.order[batch * self.spec.batch : (batch + 1) * self.spec.batch]

    def _step(self, rows: Tensor) -> None:
        mine = self.group.share(rows)
        part = self.train.pick(mine if len(mine) else rows[:1])  # with no row of its own it still takes part, at 0
        self._seed_step()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.spec.precision == "bf16"):
            score = self.model(**part.inputs)
        loss = (losses.per_row(self.job.task, score, part.target) * part.weight).sum() * (1.0 if len(mine) else 0.0)
        self.optimizer.zero_grad()
        # Workers' gradients are averaged: times their number, over the batch's whole weight, it is the batch's mean.
        (loss * (self.group.world / self.train.weight[rows].sum().clamp(min=TINY))).backward()
        rate = schedule.factor(self.spec.schedule, self.position.step, self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = self.spec.learning_rate * rate
        self.optimizer.step()
        self.pending.append(loss.detach())

    def _settle(self) -> bool:
        """Add up the losses since the last look, the same in every attempt; whether a machine is about to go."""
        values = torch.stack(self.pending).double().cpu()
        self.pending.clear()
        wrong = (~torch.isfinite(values)).nonzero()
        first = int(wrong[0]) if len(wrong) else len(values)
        now = time.monotonic()
        first, look = self.group.least([first, 0.0 if now - self.looked > LOOK_SECONDS else 1.0], self.device)
        if first < len(values):
            self._no_number(self.position.step - len(values) + int(first))
        self.position.total += values.sum().item()
        if look:
            return False
        self.looked = now
        return self.hooks.leaving()

    def _finish_epoch(self, epoch: int) -> None:
        """Write the history's row of that epoch, counted from 1."""
        weight = self.train.weight.double().sum().item()
        row = {"epoch": epoch, "at": int(time.time() * 1000), "loss": self._group_total() / weight}
        self.position.total = 0.0
        if self.validation:
            row |= {f"validation_{name}": value for name, value in self._validate(self.validation).items()}
        self.position.history.append(row)
        self.hooks.finished_epoch(row)
        if self.spec.early_stop and self.validation:
            history, best = self.position.history, self.position.best
            if best is None or row["validation_loss"] < history[best - 1]["validation_loss"]:
                self.position.best = len(history)
                self.best = {name: value.clone() for name, value in self._weights().items()}

    @torch.inference_mode()
    def _validate(self, examples: Examples) -> dict[str, float]:
        self.network.eval()
        sums = torch.zeros(len(losses.SUMS), dtype=torch.float64, device=self.device)
        for rows in self.group.share(torch.arange(len(examples), device=self.device)).split(CHUNK):
            part = examples.pick(rows)
            sums += losses.sums(self.job.task, self.network(**part.inputs), part.target, part.weight)
        self.network.train()
        return losses.metrics(self.job.task, self.group.sum(sums).tolist())

    def _stale(self) -> bool:
        best = self.position.best
        return bool(self.spec.early_stop and best and len(self.position.history) - best >= self.spec.early_stop)

    def _group_total(self) -> float:
        """The running epoch's sum over the group; from now on the first worker carries it, as after a resume."""
        total = torch.tensor([self.position.total], dtype=torch.float64, device=self.device)
        whole = self.group.sum(total).item()
        self.position.total = 0.0 if self.group.rank else whole
        return whole

    def _save(self) -> None:
        self._group_total()
        tensors = {f"network/{name}": value for name, value in self._weights().items()}
        tensors |= {f"best/{name}": value for name, value in self.best.items()}
        self.hooks.save(Checkpoint(self.position, tensors, self.optimizer.state_dict()))

    def _restore(self, checkpoint: Checkpoint) -> None:
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "best": {}}
        for path, value in checkpoint.tensors.items():
            part, _, name = path.partition("/")
            parts[part][name] = value.to(self.device)
        self.network.load_state_dict(parts["network"])
        self.best = parts["best"]
        self.optimizer.load_state_dict(checkpoint.optimizer)
        if self.group.rank:
            self.position.total = 0.0

    def _weights(self) -> dict[str, Tensor]:
        return self.network.state_dict()

    def _optimizer(self) -> torch.optim.Optimizer:
        kind = torch.optim.AdamW if self.spec.optimizer == "adamw" else torch.optim.SGD
        return kind(self.network.parameters(), self.spec.learning_rate, weight_decay=self.spec.weight_decay, fused=True)

    def _faster(self, network: nn.Module) -> Any:
        """What is called in a step: for several workers, and compiled when asked for."""
        model: Any = network
        if self.group.world > 1:
            model = DistributedDataParallel(network)
        return torch.compile(model) if self.spec.compile else model

    def _seed_step(self) -> None:
        seed = schedule.derived(self.spec.seed, self.position.step, self.group.rank)
        torch.default_generator.manual_seed(seed)
        if self.device.type == "cuda":
            torch.cuda.manual_seed(seed)

    def _no_number(self, step: int) -> None:
        epoch, batch = divmod(step, self.batches)
        where = f"step {step + 1} of {self.steps}"
        raise FalajError("TRN-002", where, f"the loss is no number, in batch {batch + 1} of epoch {epoch + 1}")


def build(job: Job) -> nn.Module:
    """The network, its first weights drawn by the seed. TRN-005 when the factory is not there or fails."""
    module, _, function = job.network.partition(":")
    torch.default_generator.manual_seed(schedule.derived(job.training.seed, "network"))
    try:
        network = getattr(importlib.import_module(module), function)(**job.network_config)
    except Exception as error:
        raise FalajError("TRN-005", job.network, f"{type(error).__name__}: {error}") from error
    if not isinstance(network, nn.Module):
        raise FalajError("TRN-005", job.network, f"it returned {type(network).__name__}, no torch Module")
    return network

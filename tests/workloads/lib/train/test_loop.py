"""The loop itself, in this process: resume, early stop, faults, and what one and several workers make of a batch."""

import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, multiprocessing
from torch import distributed as dist

from infra.errors import FalajError
from tests.workloads.lib.train.networks import Mlp
from workloads.lib.train.checkpoint import Checkpoint
from workloads.lib.train.examples import Examples, to_bytes
from workloads.lib.train.group import Group
from workloads.lib.train.loop import Hooks, Loop
from workloads.lib.train.schedule import factor, order
from workloads.lib.train.spec import Job, Training

MLP = "tests.workloads.lib.train.networks:Mlp"


def job(**changes: Any) -> Job:
    spec = {"seed": 5, "epochs": 4, "batch": 64, "learning_rate": 0.01, "checkpoint": 3, "threads": 1} | changes
    network = {"columns": 6, "dropout": spec.pop("dropout", 0.3)}
    task = spec.pop("task", "classification")
    return Job(task=task, network=MLP, network_config=network, training=Training(**spec))


def examples(rows: int = 300, seed: int = 0) -> Examples:
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 6)).astype(np.float32)
    target = (x[:, 0] + 0.5 * random.normal(size=rows) > 0).astype(np.uint8)
    return Examples.from_bytes(to_bytes({"x": x}, target, random.uniform(0.5, 2, rows)), "train")


@dataclass
class Kept:
    """A checkpoint hook that keeps bytes, and may 'kill' the loop after some step."""

    after: int = 10**9
    saved: list[bytes] = field(default_factory=list)

    def __call__(self, checkpoint: Checkpoint) -> None:
        self.saved.append(checkpoint.to_bytes("job"))
        if checkpoint.position.step >= self.after:
            raise KeyboardInterrupt


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("changes", [{}, {"optimizer": "sgd", "early_stop": 1}, {"precision": "bf16"}])
@pytest.mark.parametrize("after", [3, 9, 10, 19])
def test_resumed_at_any_checkpoint_equals_uninterrupted_bit_for_bit(after: int, changes: dict[str, Any]):
    spec = job(epochs=5, checkpoint=1, **changes)
    whole = Loop(spec, examples(), examples(100, 1))
    expected = whole.run()
    killed = Kept(after)
    with pytest.raises(KeyboardInterrupt):
        Loop(spec, examples(), examples(100, 1), hooks=Hooks(killed)).run()
    resume = Checkpoint.from_bytes(killed.saved[-1], "job", "checkpoint")
    again = Loop(spec, examples(), examples(100, 1), resume=resume)
    assert same(again.run(), expected)
    without_time = [
        [{k: v for k, v in row.items() if k != "at"} for row in run.position.history] for run in (whole, again)
    ]
    assert without_time[0] == without_time[1]
    assert [attempt["step"] for attempt in again.position.attempts] == [0, after]


def test_a_network_learns_and_its_history_says_so():
    loop = Loop(job(epochs=8, dropout=0.0), examples(), examples(200, 1))
    loop.run()
    history = loop.position.history
    assert [row["epoch"] for row in history] == list(range(1, 9))
    assert history[-1]["loss"] < 0.7 * history[0]["loss"]
    assert history[-1]["validation_accuracy"] > 0.8


def test_the_loss_and_the_metrics_are_what_the_definitions_say():
    data = examples()
    for task in ("classification", "regression"):
        spec = job(task=task, epochs=1, learning_rate=1e-12, batch=70, dropout=0.0)
        loop = Loop(spec, data, data)
        network = Mlp(6)
        network.load_state_dict(loop.network.state_dict())
        loop.run()
        score = network(data.inputs["x"]).detach().double()
        target, weight = data.target.double(), data.weight.double()
        chance = torch.sigmoid(score)
        loss = (score - target) ** 2
        if task == "classification":
            loss = -(target * chance.log() + (1 - target) * (1 - chance).log())
        row = loop.position.history[0]
        expected = ((loss * weight).sum() / weight.sum()).item()
        assert row["loss"] == pytest.approx(expected, rel=1e-5)
        assert row["validation_loss"] == pytest.approx(expected, rel=1e-5)
        if task == "classification":
            assert row["validation_accuracy"] == pytest.approx(((chance > 0.5) == target).double().mean().item())
        else:
            assert row["validation_rmse"] == pytest.approx(((score - target) ** 2).mean().sqrt().item(), rel=1e-5)
            assert row["validation_mae"] == pytest.approx((score - target).abs().mean().item(), rel=1e-5)


def test_early_stop_keeps_the_best_epoch():
    noise = examples(80)
    other = Examples(noise.inputs, 1 - noise.target, noise.weight)  # what is learnt is wrong there
    loop = Loop(job(epochs=50, early_stop=3, dropout=0.0), noise, other)
    weights = loop.run()
    history = loop.position.history
    best = min(range(len(history)), key=lambda at: history[at]["validation_loss"])
    assert len(history) == best + 1 + 3 < 50
    assert loop.position.best == best + 1
    assert not same(weights, loop.network.state_dict())


@pytest.mark.parametrize("step", [0, 17, 39])
def test_a_loss_that_is_no_number_names_the_step_and_batch(step: int):
    data, spec, kept = examples(), job(epochs=8), Kept()
    epoch, batch = divmod(step, 5)
    row = order(5, epoch, len(data))[batch * 64]
    poisoned = data.inputs["x"].clone()
    good = Loop(spec, data, hooks=Hooks(kept))

    def poison_then_step(rows: Tensor) -> None:
        if good.position.step == step:
            good.train.inputs["x"][row] = float("nan")
        Loop._step(good, rows)

    good._step = poison_then_step  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(FalajError, match=rf"TRN-002 step {step + 1} of 40: .* batch {batch + 1} of epoch {epoch + 1}"):
        good.run()
    data.inputs["x"].copy_(poisoned)
    for saved in kept.saved:  # no poisoned weights were ever kept
        found = Checkpoint.from_bytes(saved, "job", "checkpoint")
        assert all(torch.isfinite(value).all() for value in found.tensors.values())


@pytest.mark.parametrize(
    ("network", "code"),
    [("no_module:f", "No module"), (MLP[:-3] + "no_network", "returned int"), (MLP, "shape|columns")],
)
def test_a_network_that_does_not_fit_is_one_clear_error(network: str, code: str):
    config = {} if "Mlp" not in network else {"wrong": 1}
    spec = job().model_copy(update={"network": network, "network_config": config})
    with pytest.raises(FalajError, match=rf"TRN-005 {network}: .*({code}|wrong)"):
        Loop(spec, examples())


@pytest.mark.parametrize(
    ("inputs", "target", "weight"),
    [
        ({"x": np.zeros((0, 2))}, np.zeros(0), None),
        ({}, np.zeros(3), None),
        ({"x": np.zeros((4, 2))}, np.zeros(3), None),
        ({"x": np.zeros((3, 2))}, np.zeros(3), np.zeros(3)),
        ({"x": np.zeros((3, 2))}, np.zeros(3), np.array([1, -1, 1.0])),
        ({"x": np.zeros((3, 2))}, np.zeros(3), np.array([1, np.nan, 1.0])),
    ],
)
def test_nothing_to_train_on_is_one_clear_error(inputs: dict[str, Any], target: Any, weight: Any):
    with pytest.raises(FalajError, match="TRN-003"):
        Examples.from_bytes(to_bytes(inputs, target, weight), "train")


@pytest.mark.parametrize("steps", [4, 10, 97, 1000])
def test_one_cycle_is_the_curve_of_torch(steps: int):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=steps)
    for step in range(steps):
        assert factor("one_cycle", step, steps) == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-12)
        if step + 1 < steps:
            optimizer.step()
            theirs.step()


@given(st.integers(1, 400), st.integers(1, 5))
def test_workers_share_every_row_once(rows: int, world: int):
    shares = [Group(rank, world).share(torch.arange(rows)) for rank in range(world)]
    assert sorted(torch.cat(shares).tolist()) == list(range(rows))


def _share(rank: int, world: int, port: int, spec: Job, out: str) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", f"tcp://127.0.0.1:{port}", world_size=world, rank=rank)
    loop = Loop(spec, examples(301), examples(100, 1), Group(rank, world))
    weights = loop.run()
    if rank == 0:
        torch.save((weights, loop.position.history), out)
    dist.destroy_process_group()


@pytest.mark.parametrize("batch", [50, 100])  # the last batch has 1 row: fewer than workers
def test_several_workers_equal_one(tmp_path: Path, batch: int):
    spec = job(batch=batch, dropout=0.0, learning_rate=0.003)
    alone = Loop(spec, examples(301), examples(100, 1))
    expected = alone.run()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    multiprocessing.spawn(_share, (2, port, spec, str(tmp_path / "out")), nprocs=2)
    weights, history = torch.load(tmp_path / "out")
    for ours, theirs in zip(history, alone.position.history, strict=True):
        for name in ours.keys() - {"at"}:
            assert ours[name] == pytest.approx(theirs[name], abs=1e-5)
    for name, value in weights.items():
        assert torch.allclose(value, expected[name], atol=1e-5)

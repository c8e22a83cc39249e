"""Checkpoints: what comes back is what went in, and what is damaged or foreign is passed over."""

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import FalajError
from workloads.lib.object_store import ObjectStore
from workloads.lib.train.checkpoint import Checkpoint, Checkpoints, Position
from workloads.lib.workspace import Workspace

leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)
)
trees = st.recursive(
    leaves | st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=3).map(torch.tensor),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers() | st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


def at(step: int, value: float = 1.0) -> Checkpoint:
    return Checkpoint(Position(step), {"network/w": torch.full((3,), value)}, {"state": {}})


def checkpoints(store: ObjectStore, job: str = "job", keep: int = 2) -> Checkpoints:
    return Checkpoints(Workspace(store, "run"), job, keep)


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return one == other and type(one) is type(other)


@given(trees)
def test_any_optimizer_state_comes_back(tree: Any):
    position = Position(7, 0.1 + 0.2, [{"epoch": 1, "loss": 1 / 3}], 1, [{"step": 0}])
    back = Checkpoint.from_bytes(
        Checkpoint(position, {"network/w": torch.ones(2)}, tree).to_bytes("job"), "job", "name"
    )
    assert back.position == position
    assert equal(back.optimizer, tree)
    assert back.tensors.keys() == {"network/w"}


def test_the_last_ones_stay(store: ObjectStore):
    kept = checkpoints(store)
    for step in (5, 10, 15):
        kept.save(at(step))
    assert [name[-2:] for name in kept.names()] == ["15", "10"]
    assert kept.newest() == ("checkpoint/0000000015", [])
    assert not any(b"network/w" in file.read_bytes() for file in Path(store.path).rglob("*") if file.is_file())


@pytest.mark.parametrize("damage", ["truncated", "empty", "swapped", "foreign", "no checkpoint"])
def test_a_damaged_or_foreign_one_is_refused_and_the_one_before_is_used(store: ObjectStore, damage: str):
    kept = checkpoints(store, keep=3)
    for step in (5, 10, 15):
        kept.save(at(step))
    files = {name: store._file(f"run/checkpoint/00000000{name}") for name in ("05", "10", "15")}
    code = "STO-004"
    if damage == "foreign":
        Checkpoints(kept.work, "another", 3).save(at(15))
        code = "TRN-004"
    elif damage == "no checkpoint":
        kept.work.put("checkpoint/0000000015", b"\x08" + b"\x00" * 60)
        code = "TRN-004"
    elif damage == "swapped":
        files["15"].write_bytes(files["05"].read_bytes())
    else:
        files["15"].write_bytes(files["15"].read_bytes()[: 100 if damage == "truncated" else 0])
    assert kept.newest() == ("checkpoint/0000000010", [f"{code} checkpoint/0000000015"])
    kept.save(at(12))  # what could not be used goes when training has gone on from the one before
    assert [name[-2:] for name in kept.names()] == ["12", "10", "05"]


def test_with_none_that_can_be_used_training_begins_anew(store: ObjectStore):
    kept = checkpoints(store)
    assert kept.newest() == (None, [])
    Checkpoints(kept.work, "another", 2).save(at(5))
    assert kept.newest() == (None, ["TRN-004 checkpoint/0000000005"])


@given(st.binary(max_size=200))
def test_foreign_bytes_are_one_clear_error(data: bytes):
    with pytest.raises(FalajError, match="TRN-004"):
        Checkpoint.from_bytes(data, "job", "name")

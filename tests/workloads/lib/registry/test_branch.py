"""Branches and holds: an experiment's line, merged by moving an alias, through the gate where that asks for it."""

import pytest

from infra.errors import FalajError
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry import Registry, alias, branch, hold
from workloads.lib.registry.find import find
from workloads.lib.registry.log import Log, pointed


def refused(action, *arguments, **named) -> str:
    with pytest.raises(FalajError) as caught:
        action(*arguments, **named)
    return caught.value.code


def test_an_experiment_from_start_to_merge(store: ObjectStore, models: list[str], ask):
    one, two, three = models
    branch.create(store, "m", "exp/wide", one, why="try twice the width")
    branch.advance(store, "m", "exp/wide", two, why="seed 2")
    assert branch.advance(store, "m", "exp/wide", two, why="again") is None
    branch.advance(store, "m", "exp/wide", three, why="seed 3")
    assert branch.line(Log(store, "m").records(), "exp/wide") == models
    assert alias.current(store, "m", "champion") is None
    assert refused(branch.merge, store, "m", "exp/wide", "production", why="better") == "REG-004"
    decision, log = ask(three)
    moved = branch.merge(store, "m", "exp/wide", "production", why="better", decision=decision, decisions=log)
    assert moved is not None
    assert moved.model == three
    branch.close(store, "m", "exp/wide", why="merged")
    assert pointed(Log(store, "m").records()) == {"production": three}
    branch.create(store, "m", "exp/wide", two, why="once more")
    assert branch.line(Log(store, "m").records(), "exp/wide") == [two]


def test_what_is_refused(store: ObjectStore, models: list[str]):
    for wrong in ("wide", "exp/", "exp/A", "exp/a/b", "production"):
        assert refused(branch.create, store, "m", wrong, models[0], why="x") == "REG-007"
    assert refused(branch.advance, store, "m", "exp/a", models[0], why="x") == "REG-007"
    assert refused(branch.close, store, "m", "exp/a", why="x") == "REG-007"
    assert refused(branch.merge, store, "m", "exp/a", "champion", why="x") == "REG-007"
    branch.create(store, "m", "exp/a", models[0], why="x")
    assert refused(branch.create, store, "m", "exp/a", models[1], why="x") == "REG-007"
    assert refused(branch.advance, store, "m", "exp/a", "sha256:" + "0" * 64, why="x") == "REG-003"
    alias.move(store, "m", "champion", models[1], why="x")
    assert refused(branch.advance, store, "m", "champion", models[0], why="x") == "REG-007"


def test_holds_add_up(store: ObjectStore, registry: Registry, models: list[str]):
    hold.hold(store, "m", models[0], why="case 1")
    hold.hold(store, "m", models[0], why="case 2")
    hold.release(store, "m", models[0], why="closed")
    assert hold.held(Log(store, "m").records()) == {models[0]: ["case 2"]}
    hold.release(store, "m", models[0], why="closed")
    assert refused(hold.release, store, "m", models[0], why="x") == "REG-008"
    store.put(f"registry/m/{models[1]}/weights", b"tampered")
    assert hold.hold(store, "m", models[1], why="evidence").model == models[1]


def test_an_entry_is_found_as_a_person_names_it(store: ObjectStore, registry: Registry, models: list[str]):
    alias.move(store, "m", "champion", models[1], why="x")
    assert find(registry, "m", "champion") == find(registry, "m", models[1]) == find(registry, "m", models[1][7:19])
    for wrong in ("", "sha256:", "challenger", "sha256:zz"):
        assert refused(find, registry, "m", wrong) == "REG-003"

"""Collecting: what nothing refers to goes, in two steps; what anything refers to never does, whatever is done."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from infra.errors import FalajError
from workloads.lib.key_ring import KeyRing
from workloads.lib.lock import held
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry import Registry, alias, branch, bundle, collect, hold
from workloads.lib.registry.entry import LOCK, SIGNATURE, entry
from workloads.lib.registry.log import Log

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
RETENTION = 50


def later(days: float) -> datetime:
    return NOW + days * DAY


def loose(store: ObjectStore, **named) -> list[str]:
    return [one.model for one in collect.look(store, "m", **named) if not one.kept_by]


def test_what_refers_to_an_entry_keeps_it(store: ObjectStore, registry: Registry, models: list[str]):
    one, two, three = models
    four, five = (registry.publish("m", {"weights": bytes([n])}, {}) for n in (8, 9))
    assert sorted(loose(store)) == sorted([*models, four, five])
    alias.move(store, "m", "champion", one, why="x")
    alias.move(store, "m", "champion", two, why="x")
    branch.create(store, "m", "exp/wide", three, why="x")
    hold.hold(store, "m", four, why="case 12")
    assert loose(store) == [five]
    assert loose(store, served=[five]) == []
    branch.close(store, "m", "exp/wide", why="no better")
    kept = {found.model: found.kept_by for found in collect.look(store, "m")}
    assert kept[two] == ["champion"]
    assert kept[four] == ["held: case 12"]
    assert kept[one][0].startswith("champion until ")
    assert kept[three][0].startswith("exp/wide until ")
    assert set(loose(store, now=later(91))) == {one, three, five}
    hold.release(store, "m", four, why="case closed")
    assert set(loose(store, now=later(91))) == {one, three, four, five}


def test_two_steps_with_days_in_between(store: ObjectStore, models: list[str]):
    alias.move(store, "m", "champion", models[0], why="x")
    assert collect.sweep(store, "m", now=later(30)) == []
    assert set(collect.mark(store, "m", now=NOW)) == set(models[1:])
    assert collect.mark(store, "m", now=later(1)) == []
    assert collect.sweep(store, "m", now=later(6)) == []
    alias.move(store, "m", "challenger", models[1], why="marked, and wanted after all")
    assert collect.sweep(store, "m", now=later(7)) == [models[2]]
    assert Registry(store).entries("m") == sorted(models[:2])
    assert store.names(f"registry/m/{models[2]}") == []
    gone = Log(store, "m").records()[-1]
    assert (gone.kind, gone.model) == ("collect", models[2])
    collect.mark(store, "m", now=later(8))
    assert all(one.marked is None for one in collect.look(store, "m"))
    with pytest.raises(FalajError, match="REG-003"):
        alias.move(store, "m", "champion", models[2], why="x")


def test_publishing_again_takes_the_mark_away(store: ObjectStore, registry: Registry, models: list[str]):
    collect.mark(store, "m", now=NOW)
    assert registry.publish("m", {"weights": bytes([2]) * 100}, {"n": 2}) == models[2]
    assert set(collect.sweep(store, "m", now=later(8))) == set(models[:2])
    assert registry.load("m", models[2]).facts == {"n": 2}


def test_a_killed_sweep_is_finished_and_a_half_entry_is_none(store: ObjectStore, models: list[str]):
    collect.mark(store, "m", now=NOW)
    store.delete(entry("m", models[0], SIGNATURE))
    with pytest.raises(FalajError, match="STO-005"):
        alias.move(store, "m", "champion", models[0], why="x")
    assert set(collect.sweep(store, "m", now=later(8))) == set(models)
    assert store.names("collect/") == store.names("registry/") == []


def test_a_sweep_waits_for_who_publishes(store: ObjectStore, registry: Registry, models: list[str]):
    """While an entry is being written nothing is deleted; once it is written its mark is gone."""
    collect.mark(store, "m", now=NOW)
    swept: list[str] = []
    sweeper = threading.Thread(target=lambda: swept.extend(collect.sweep(store, "m", now=later(8))))
    with held(store, LOCK, shared=True):
        sweeper.start()
        sweeper.join(0.3)
        assert sweeper.is_alive()
        registry.publish("m", {"weights": bytes([1]) * 100}, {"n": 1})
    sweeper.join(20)
    assert set(swept) == {models[0], models[2]}


def test_a_clock_set_back_keeps_longer_never_shorter(store: ObjectStore, models: list[str]):
    with Log(store, "m").writing() as log:
        for model, days in zip(models, (0, 400, 1), strict=True):  # a clock that was a year ahead for a while
            log.add("move", model, pointer="champion", why="x", who=None, now=later(days))
    assert loose(store, now=later(100)) == []
    assert set(loose(store, now=later(500))) == set(models[:2])


class Registering(RuleBasedStateMachine):
    """Everything one can do to a registry, and a sweep at any moment, with a clock that runs by days.

    Models are many and made when a step needs them, so that what keeps one is mostly one thing alone.
    """

    models = st.integers(0, 7)
    holds = Bundle("holds")
    heads = Bundle("heads")

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name)
        self.store = ObjectStore.create(path / "s", KeyRing.create(path / "k/r.json", b"x"))
        self.registry = Registry(self.store)
        self.day, self.branches, self.aliases = 0.0, 0, dict[str, str]()
        self.open, self.held, self.served = dict[str, str](), list[str](), list[str]()
        self.left = set[str]()

    def teardown(self) -> None:
        self.folder.cleanup()

    def made(self, number: int) -> str:
        return self.registry.publish("m", {"weights": bytes([number])}, {})

    @rule(number=models, pointer=st.sampled_from(["champion", "challenger"]))
    def point(self, number: int, pointer: str) -> None:
        self.left |= {self.aliases[pointer]} if pointer in self.aliases else set()
        self.aliases[pointer] = self.made(number)
        alias.move(self.store, "m", pointer, self.aliases[pointer], why="x")

    @rule(target=heads, number=models)
    def create(self, number: int) -> str:
        self.branches += 1
        pointer = f"exp/b{self.branches}"
        self.open[pointer] = self.made(number)
        branch.create(self.store, "m", pointer, self.open[pointer], why="x")
        return pointer

    @rule(number=models, pointer=heads)
    def advance(self, number: int, pointer: str) -> None:
        if pointer in self.open:
            self.left.add(self.open[pointer])
            self.open[pointer] = self.made(number)
            branch.advance(self.store, "m", pointer, self.open[pointer], why="x")

    @rule(pointer=consumes(heads))
    def close(self, pointer: str) -> None:
        self.left.add(self.open.pop(pointer))
        branch.close(self.store, "m", pointer, why="x")

    @rule(target=holds, number=models)
    def hold(self, number: int) -> str:
        model = self.made(number)
        hold.hold(self.store, "m", model, why="x")
        self.held.append(model)
        return model

    @rule(model=consumes(holds))
    def release(self, model: str) -> None:
        hold.release(self.store, "m", model, why="x")
        self.held.remove(model)

    @rule(number=models)
    def serve(self, number: int) -> None:
        self.served = [self.made(number)]

    @rule()
    def collect(self) -> None:
        told = {"served": self.served, "retention": RETENTION * DAY}
        collect.mark(self.store, "m", now=later(self.day), **told)
        self.day += 8
        collect.sweep(self.store, "m", now=later(self.day), **told)

    @rule()
    def collect_later(self) -> None:
        self.day += 60
        self.collect()

    @invariant()
    def what_is_referred_to_is_whole(self) -> None:
        if hasattr(self, "store"):
            lately = self.left if self.day < RETENTION else set[str]()  # pointers move on the first day
            for model in {*self.aliases.values(), *self.open.values(), *self.held, *self.served, *lately}:
                self.registry.load("m", model)


TestRegistering = Registering.TestCase
TestRegistering.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def test_an_exported_entry_is_held(store: ObjectStore, models: list[str]):
    bundle.export(store, "m", models[1], why="to the other region", passphrase=None)
    assert models[1] not in loose(store, now=later(1000))

"""Aliases and their log: who moved what where and why, by which decision, and every way to cheat it."""

import json
import multiprocessing
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.errors import FalajError
from policies.gate import documents
from policies.gate.record import Head
from workloads.lib.fingerprint import canonical
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry import Registry, alias
from workloads.lib.registry.log import Log, pointed
from workloads.lib.registry.who import Who

SOMEBODY = Who(name="s.haddad", source="operating system")
NONE = "sha256:" + "0" * 64


def refused(action, *arguments, **named) -> str:
    with pytest.raises(FalajError) as caught:
        action(*arguments, **named)
    return caught.value.code


def test_a_move_says_what_who_and_why(store: ObjectStore, models: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FALAJ_AUTHOR", "pipeline@example.com")
    first = alias.move(store, "m", "champion", models[0], why="first")
    second = alias.move(store, "m", "champion", models[1], why=" better on slices ", who=SOMEBODY)
    assert alias.move(store, "m", "champion", models[1], why="again") is None
    assert first is not None
    assert second is not None
    assert (first.was, first.model, first.who.name) == (None, models[0], "pipeline@example.com")
    assert (second.was, second.model, second.why) == (models[0], models[1], "better on slices")
    assert Log(store, "m").records() == [first, second]
    assert alias.current(store, "m", "champion") == models[1]
    monkeypatch.delenv("FALAJ_AUTHOR")
    assert Who.runs().source == "operating system"


def test_what_is_refused(store: ObjectStore, models: list[str]):
    assert refused(alias.move, store, "m", "champion", models[0], why="  ") == "REG-002"
    assert refused(alias.move, store, "m", "champion", NONE, why="x") == "REG-003"
    assert refused(alias.move, store, "other", "champion", models[0], why="x") == "REG-003"
    for wrong in ("", "Champion", "exp/a", "previous", "a b"):
        assert refused(alias.move, store, "m", wrong, models[0], why="x") == "REG-001"
    store.put(f"registry/m/{models[0]}/weights", b"other")
    assert refused(alias.move, store, "m", "champion", models[0], why="x") == "WRK-009"
    assert Log(store, "m").records() == []


def test_production_moves_by_an_allow_about_this_very_model(store: ObjectStore, models: list[str], ask):
    def move(model: str, decision: str, log: Path | None) -> str:
        return refused(alias.move, store, "m", "production", model, why="x", decision=decision, decisions=log)

    allowed, log = ask(models[0])
    denied, _ = ask(models[1], min_accuracy=0.99)
    elsewhere, _ = ask(models[1], name="n")
    assert move(models[0], "", log) == move(models[0], allowed, None) == "REG-004"
    assert move(models[0], "unheard-of", log) == move(models[1], denied, log) == "REG-004"
    assert move(models[1], allowed, log) == move(models[1], elsewhere, log) == "REG-004"
    moved = alias.move(store, "m", "production", models[0], why="x", decision=allowed, decisions=log)
    assert moved is not None
    assert moved.decision == allowed


def test_a_forged_decision_moves_nothing(store: ObjectStore, models: list[str], ask, tmp_path: Path):
    denied, log = ask(models[2], min_accuracy=0.99)
    forged = tmp_path / "gate/decisions.jsonl"
    forged.parent.mkdir()
    (forged.parent / "documents").symlink_to(log.parent / "documents")
    lines = log.read_text().splitlines(keepends=True)
    forged.write_text("".join(line.replace('"verdict":"deny"', '"verdict":"allow"') for line in lines))
    assert any(denied in line for line in lines)
    code = refused(alias.move, store, "m", "production", models[2], why="x", decision=denied, decisions=forged)
    assert code == "GATE-015"
    assert documents.read(log.parent, json.loads(lines[-1])["record"]["input_digest"])["release"]["digest"] == models[2]


def test_rollback_goes_back_and_further_back(store: ObjectStore, models: list[str]):
    assert refused(alias.rollback, store, "m", "champion", why="x") == "REG-006"
    for model in models:
        alias.move(store, "m", "champion", model, why="x")
    assert refused(alias.rollback, store, "m", "champion", why="") == "REG-002"
    assert refused(alias.rollback, store, "m", "champion", models[2], why="there already") == "REG-006"
    assert refused(alias.rollback, store, "m", "champion", NONE, why="never there") == "REG-006"
    assert alias.rollback(store, "m", "champion", why="x").model == models[1]
    assert alias.rollback(store, "m", "champion", why="x").model == models[0]
    assert refused(alias.rollback, store, "m", "champion", why="x") == "REG-006"
    assert alias.rollback(store, "m", "champion", models[2], why="it was not the model").model == models[2]
    assert [record.kind for record in Log(store, "m").records()] == ["move"] * 3 + ["rollback"] * 3


def test_a_gated_alias_goes_back_on_the_decision_that_allowed_it(store: ObjectStore, models: list[str], ask):
    for model in models[:2]:
        decision, log = ask(model)
        alias.move(store, "m", "production", model, why="x", decision=decision, decisions=log)
    back = alias.rollback(store, "m", "production", why="error rate", decisions=log)
    assert (back.model, back.decision) == (models[0], Log(store, "m").records()[0].decision)
    assert refused(alias.rollback, store, "m", "production", models[1], why="x", decisions=None) == "REG-004"


def _mover(store: ObjectStore, models: list[str], number: int) -> int:
    """How many moves it made."""
    turns = [models[(number + turn) % 3] for turn in range(10)]
    return sum(alias.move(store, "m", "champion", model, why=f"{number}") is not None for model in turns)


def test_movers_at_once_lose_no_move(store: ObjectStore, models: list[str]):
    with multiprocessing.get_context("fork").Pool(3) as pool:
        made = pool.starmap(_mover, [(store, models, number) for number in range(3)], chunksize=1)
    records = Log(store, "m").records()
    assert all(one.was == before.model for before, one in pairwise(records))
    assert len(records) == sum(made)


def test_a_move_decided_on_an_older_state_is_refused(store: ObjectStore, models: list[str]):
    assert alias.move(store, "m", "champion", models[0], why="x", expected="")
    assert refused(alias.move, store, "m", "champion", models[1], why="x", expected="") == "REG-005"
    assert alias.move(store, "m", "champion", models[1], why="x", expected=models[0])
    assert refused(alias.move, store, "m", "champion", models[2], why="x", expected=models[0]) == "REG-005"


def test_a_clock_set_back_is_recorded_and_orders_nothing(store: ObjectStore, models: list[str]):
    now = datetime(2026, 5, 1, tzinfo=UTC)
    for model, at in zip(models, (now, now - timedelta(hours=2), now), strict=True):
        with Log(store, "m").writing() as log:
            log.add("move", model, pointer="champion", why="x", who=None, now=at)
    records = Log(store, "m").records()
    assert [record.clock_back for record in records] == [0, 7200, 0]
    assert pointed(records) == {"champion": models[2]}


@pytest.mark.parametrize(
    "fault",
    ["edited", "removed", "first removed", "last removed", "reordered", "replayed", "copied", "no head", "head"],
)
def test_a_changed_log_is_refused(store: ObjectStore, registry: Registry, models: list[str], fault: str):
    for model in models:
        alias.move(store, "m", "champion", model, why="x")
    first, second, third = store.names("moves/m/")
    one, two, three = map(store.get, (first, second, third))
    match fault:
        case "edited":
            link = json.loads(two)
            link["record"]["model"] = models[2]
            store.put(second, canonical(link))
        case "removed":
            store.delete(second)
        case "first removed":
            store.delete(first)
        case "last removed":
            store.delete(third)
        case "reordered":
            store.put(second, three)
            store.put(third, two)
        case "replayed":  # the oldest move as if it were the newest
            store.put("moves/m/00000004", one)
        case "copied":  # the log of another name
            other = registry.publish("n", {"weights": b"1"}, {})
            alias.move(store, "n", "champion", other, why="x")
            store.put(first, store.get("moves/n/00000001"))
        case "no head":
            store.delete("heads/moves/m")
        case "head":
            store.put("heads/moves/m", str(Head(2, NONE)).encode())
    assert refused(Log(store, "m").records) == "WRK-011"
    assert refused(alias.move, store, "m", "champion", models[0], why="x") == "WRK-011"


def test_an_older_head_with_its_log_shows_against_a_head_kept_elsewhere_only(store: ObjectStore, models: list[str]):
    for model in models[:2]:
        alias.move(store, "m", "champion", model, why="x")
    older = store.get("heads/moves/m")
    alias.move(store, "m", "champion", models[2], why="x")
    kept = Log(store, "m").chain.head()
    store.put("heads/moves/m", older)
    store.delete("moves/m/00000003")
    assert len(Log(store, "m").records()) == 2  # from the inside it is a log of two moves
    assert refused(Log(store, "m").records, kept) == "WRK-011"


KILLED = """
import os, sys
from pathlib import Path
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry import alias
path, model = Path(sys.argv[1]), sys.argv[2]
store = ObjectStore.open(path / "store", KeyRing.open(path / "keys/ring.json", b"correct horse"))
ObjectStore.put = lambda *_: os._exit(9)  # the head is written last
alias.move(store, "m", "champion", model, why="x")
"""


def test_a_mover_killed_before_the_head_leaves_a_whole_log(store: ObjectStore, models: list[str], tmp_path: Path):
    alias.move(store, "m", "champion", models[0], why="x")
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), models[1]], check=False)
    assert done.returncode == 9
    assert Log(store, "m").chain.head().records == 1
    assert alias.current(store, "m", "champion") == models[1]
    alias.move(store, "m", "champion", models[2], why="x")
    assert [record.model for record in Log(store, "m").records()] == models
    assert Log(store, "m").chain.head().records == 3


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2)), max_size=12))
def test_an_alias_is_where_it_was_moved_last(store: ObjectStore, models: list[str], moves: list[tuple[str, int]]):
    expected = pointed(Log(store, "m").records())
    for name, number in moves:
        made = alias.move(store, "m", name, models[number], why="x")
        assert (made is None) == (expected.get(name) == models[number])
        expected[name] = models[number]
    assert pointed(Log(store, "m").records()) == expected

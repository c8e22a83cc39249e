"""Materialise is idempotent and goes on where it was killed; what is read online is what the join says, bit for bit."""

import math
import struct
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.errors import FalajError
from tests.workloads.lib.features.conftest import WEATHER
from tests.workloads.lib.features.test_join import BITEMPORAL, FACTS, START, Row, asked, facts
from workloads.lib.features.definition import FeatureView
from workloads.lib.features.history import History
from workloads.lib.features.join import join
from workloads.lib.features.materialise import materialise
from workloads.lib.features.online import Online, Sealed, instant
from workloads.lib.features.sqlite import SqliteStore
from workloads.lib.object_store import ObjectStore


def minute(at: int) -> int:
    return instant(START + timedelta(minutes=at))


def bits(value: float | None) -> bytes | None:
    return None if value is None else struct.pack(">d", value)


@pytest.fixture
def online(store: ObjectStore, tmp_path: Path) -> SqliteStore:
    return SqliteStore(store, tmp_path / "online.db")


class Failing(SqliteStore):
    """Takes so many batches, then its disk is full."""

    batches = 2

    def _write(self, view: FeatureView, rows: list[Sealed]) -> None:
        if self.batches == 0:
            raise FalajError("FEA-007", str(self.path), "SQLite says: database or disk is full")
        object.__setattr__(self, "batches", self.batches - 1)
        super()._write(view, rows)


def values(online: Online, view: FeatureView, at: int) -> list[float | None]:
    return [a.values["value"] for a in online.read(view, [{"account": name} for name in "ABCD"], minute(at))]


def test_only_what_is_new_is_written_and_all_of_it_when_the_table_changes(online: SqliteStore) -> None:
    history = History.of(BITEMPORAL, facts([("A", 1, 1, 1.0), ("A", 2, 2, 2.0), ("B", 1, 1, 3.0), ("B", 9, 9, 4.0)]))
    assert materialise(online, history, "sha256:1", minute(5)) == 2
    assert values(online, BITEMPORAL, 5) == [2.0, 3.0, None, None]
    assert materialise(online, history, "sha256:1", minute(5)) == 0
    assert materialise(online, history, "sha256:1", minute(3)) == 0
    assert materialise(online, history, "sha256:1", minute(9)) == 1
    assert values(online, BITEMPORAL, 9) == [2.0, 4.0, None, None]
    late = History.of(BITEMPORAL, facts([("A", 3, 3, 5.0), ("A", 2, 2, 2.0), ("C", 0, 0, 6.0)]))
    assert materialise(online, late, "sha256:2", minute(10)) == 2
    assert values(online, BITEMPORAL, 10) == [5.0, 4.0, 6.0, None]
    assert materialise(online, late, "sha256:2", minute(30)) == 0


def test_a_run_that_was_killed_goes_on_after_its_last_batch(store: ObjectStore, tmp_path: Path) -> None:
    rows: list[Row] = [(f"{n:03}", 1, 1, float(n)) for n in range(100)]
    history = History.of(BITEMPORAL, facts(rows))
    with pytest.raises(FalajError, match="FEA-007"):
        materialise(Failing(store, tmp_path / "online.db"), history, "sha256:1", minute(5), batch=30)
    online = SqliteStore(store, tmp_path / "online.db")
    assert materialise(online, history, "sha256:1", minute(5), batch=30) == 40
    keys = [{"account": name} for name, *_ in rows]
    assert [answer.values["value"] for answer in online.read(BITEMPORAL, keys, minute(5))] == [row[3] for row in rows]
    assert materialise(online, history, "sha256:1", minute(5), batch=30) == 0


def test_one_that_was_killed_and_comes_back_later_leaves_nothing_out(store: ObjectStore, tmp_path: Path) -> None:
    rows: list[Row] = [(f"{n:03}", 1, 1, float(n)) for n in range(100)]
    history = History.of(BITEMPORAL, facts(rows))
    with pytest.raises(FalajError, match="FEA-007"):
        materialise(Failing(store, tmp_path / "online.db"), history, "sha256:1", minute(5), batch=30)
    assert materialise(SqliteStore(store, tmp_path / "online.db"), history, "sha256:1", minute(6), batch=30) == 100


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FACTS, st.lists(st.integers(0, 40), min_size=1, max_size=4))
def test_replayed_at_any_instants_online_is_what_the_join_says(
    online: SqliteStore, rows: list[Row], instants: list[int]
) -> None:
    view = BITEMPORAL.model_copy(update={"description": str((rows, instants))})
    history = History.of(view, facts(rows))
    for at in sorted(instants):
        materialise(online, history, "sha256:1", minute(at), batch=2)
        offline = join(asked([(name, at) for name in "ABCD"]), "t", history)["value"].to_pylist()
        assert [*map(bits, values(online, view, at))] == [*map(bits, offline)]


def test_the_weather_online_is_the_weather_in_training(online: SqliteStore, flights: Any, weather: Any) -> None:
    """Serve/train parity on real keys: 40 instants of the year, every airport, every feature, bit for bit."""
    history = History.of(WEATHER, weather)
    random = np.random.default_rng(7)
    at = pc.sort_indices(flights["sched"])
    sample = flights.take(at.take(np.sort(random.choice(flights.num_rows, 40, replace=False))))
    seen = 0
    for place in range(sample.num_rows):
        flight = sample.slice(place, 1)
        when = flight["sched"].cast(pa.int64())[0].as_py() * 1000
        materialise(online, history, "sha256:1", when)
        offline = join(flight, "sched", history)
        (answer,) = online.read(WEATHER, [{"origin": flight["origin"][0].as_py()}], when)
        for name in WEATHER.names:
            assert bits(answer.values[name]) == bits(offline[name][0].as_py())
            seen += answer.values[name] is not None and not math.isnan(answer.values[name])
    assert seen > 250

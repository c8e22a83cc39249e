"""The join by key partition on Ray Data says what the join on one machine says."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import FalajError
from tests.workloads.lib.features.conftest import WEATHER
from tests.workloads.lib.features.test_join import BITEMPORAL, VIEW, asked, facts
from tests.workloads.ray_here import ray_here
from workloads.lib.features.history import History
from workloads.lib.features.join import join
from workloads.lib.features.partition import _part, join_partitioned, partitioned


@given(st.lists(st.text() | st.none(), max_size=50), st.integers(1, 9))
def test_equal_keys_share_a_partition_in_whatever_form_they_come(names: list[str | None], partitions: int) -> None:
    table = pa.table({"account": pa.array(names, pa.string())})
    coded = pa.table({"account": table["account"].combine_chunks().dictionary_encode()})
    part = _part(VIEW, table, partitions)
    assert (part == _part(VIEW, coded, partitions)).all()
    assert len({(name, at) for name, at in zip(names, part, strict=True)}) == len(set(names))
    assert ((part >= 0) & (part < partitions)).all()


def test_integers_of_any_width_share_a_partition_and_spread() -> None:
    numbers = np.arange(10_000)
    part = _part(VIEW, pa.table({"account": numbers}), 8)
    assert (part == _part(VIEW, pa.table({"account": numbers.astype(np.uint16)}), 8)).all()
    assert np.bincount(part, minlength=8).min() > 1_000


def test_a_table_that_does_not_fit_is_named_before_anything_runs() -> None:
    table = facts([("A", 1, 1, 1.0)])
    with pytest.raises(FalajError, match="FEA-002 feature view balance: it needs column value"):
        partitioned(VIEW, [table.drop_columns("value")], 2)


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    with ray_here() as ray:
        yield ray


@pytest.mark.e2e
def test_by_partition_is_as_on_one_machine(ray: Any, flights: Any, weather: Any) -> None:
    histories = partitioned(WEATHER, [weather.slice(0, 9_000), weather.slice(9_000)], 4)
    rows = ray.data.from_arrow([flights.slice(0, 200_000), flights.slice(200_000)])
    there = pa.concat_tables(ray.get(join_partitioned(rows, "sched", WEATHER, histories).to_arrow_refs()))
    assert there.num_rows == 336_776
    assert there["temp"].null_count == 990
    assert there.combine_chunks().equals(join(flights, "sched", History.of(WEATHER, weather)).combine_chunks())


@pytest.mark.e2e
def test_random_rows_with_two_time_axes_come_out_the_same(ray: Any) -> None:
    random = np.random.default_rng(5)
    names = [*"ABCDEFGH", None]

    def minutes(count: int) -> list[int | None]:
        return [None if at > 95 else int(at) for at in random.integers(0, 100, count)]

    known = facts(
        [*zip(random.choice(names, 3_000), minutes(3_000), minutes(3_000), random.random(3_000), strict=True)]
    )
    rows = asked([*zip(random.choice(names, 2_000), minutes(2_000), strict=True)])
    histories = partitioned(BITEMPORAL, [known.slice(at, 1_000) for at in range(0, 3_000, 1_000)], 3)
    there = join_partitioned(ray.data.from_arrow(rows), "t", BITEMPORAL, histories, batch=300).to_arrow_refs()
    alone = join(rows, "t", History.of(BITEMPORAL, known))
    assert pa.concat_tables(ray.get(there)).combine_chunks().equals(alone.combine_chunks())
    assert 0 < alone["value"].null_count < 2_000

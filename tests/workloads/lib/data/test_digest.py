"""The digest knows every value and nothing of the layout."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from workloads.lib.data import digest

ROW = st.tuples(
    st.one_of(st.none(), st.integers(-3, 3)),
    st.one_of(st.none(), st.sampled_from([0.0, -0.0, 1.5, float("nan"), float("inf")])),
    st.one_of(st.none(), st.sampled_from(["", "a", "b", "ab", "é"])),
)
KIND = pa.schema([("i", pa.int64()), ("x", pa.float64()), ("t", pa.string())])


def _table(rows: list) -> pa.Table:
    return pa.table([pa.array([row[at] for row in rows], field.type) for at, field in enumerate(KIND)], schema=KIND)


def _plain(rows: list) -> list:
    return sorted(
        repr(tuple(0.0 if value == 0 and isinstance(value, float) else value for value in row)) for row in rows
    )


@given(st.lists(ROW, max_size=12), st.randoms(use_true_random=False), st.integers(1, 5))
def test_order_and_chunks_do_not_matter(rows: list, random, size: int):
    shuffled = rows.copy()
    random.shuffle(shuffled)
    chunks = [_table(shuffled[at : at + size]) for at in range(0, len(rows), size)]
    assert digest.of_table(pa.concat_tables([KIND.empty_table(), *chunks])) == digest.of_table(_table(rows))


@given(st.lists(ROW, max_size=6), st.lists(ROW, max_size=6))
def test_tables_with_equal_digests_are_equal_and_the_other_way_round(one: list, other: list):
    assert (digest.of_table(_table(one)) == digest.of_table(_table(other))) == (_plain(one) == _plain(other))


def test_a_slice_and_a_dictionary_are_their_values():
    table = _table([(i, i / 2, str(i)) for i in range(9)])
    assert digest.of_table(table.slice(3, 4)) == digest.of_table(_table([(i, i / 2, str(i)) for i in range(3, 7)]))
    coded = table.set_column(2, "t", table["t"].dictionary_encode())
    assert digest.of_table(coded) == digest.of_table(table)
    assert digest.of_table(table.rename_columns(["i", "x", "u"])) != digest.of_table(table)
    bits = pa.table({"i": [1], "x": np.array([0x7FF8000000000001], "u8").view("f8"), "t": ["a"]})
    assert digest.of_table(bits) == digest.of_table(_table([(1, float("nan"), "a")]))  # a NaN is a NaN

"""Counting: nothing is lost, whatever a column holds."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from infra.errors import FalajError
from workloads.lib.monitor import bins
from workloads.lib.monitor.bins import Bins, Frequencies, Quantiles

COLUMN = {
    "code": st.lists(st.none() | st.integers(-5, 300), max_size=400),
    "text": st.lists(st.none() | st.text(max_size=2), max_size=60),
    "integer": st.lists(st.none() | st.integers(-(2**40), 2**40), max_size=60),
    "number": st.lists(st.none() | st.floats() | st.sampled_from([0.0, 1.5]), max_size=60),
}


@given(st.data(), st.sampled_from(sorted(COLUMN)))
def test_every_row_is_in_one_cell_and_the_profile_finds_its_own_rows_again(data: st.DataObject, kind: Any):
    reference, window = data.draw(COLUMN[kind]), data.draw(COLUMN[kind])
    fitted = bins.fit("x", kind, reference)
    assert fitted.rows == len(reference)
    assert fitted.count("x", reference).tolist() == list(fitted.counts)
    counts = fitted.count("x", window)
    assert counts.sum() == fitted.cells(counts).sum() == len(window)
    assert counts[-1] == sum(value is None or not (isinstance(value, str) or np.isfinite(value)) for value in window)
    form = TypeAdapter[Any](Bins)
    assert form.validate_json(form.dump_json(fitted)) == fitted


def test_tenths_hold_a_tenth_each_and_hundredths_a_hundredth():
    fitted = bins.fit("x", "number", np.random.default_rng(0).permutation(100_000) / 7)
    assert isinstance(fitted, Quantiles)
    assert fitted.counts == (999, *(1000,) * 98, 1001, 0)
    assert fitted.cells(np.array(fitted.counts)).tolist() == [9_999, *(10_000,) * 8, 10_001, 0]


def test_equal_values_share_a_bin_and_few_values_are_counted_one_by_one():
    rain = np.concatenate([np.zeros(950), np.arange(1, 51)])
    fitted = bins.fit("rain", "number", rain)
    assert isinstance(fitted, Quantiles)
    assert (fitted.edges[0], fitted.counts[0], fitted.tenths) == (1, 950, (0,))
    assert fitted.cells(fitted.count("rain", [0.0, 0.5, 1.0, 99.0])).tolist() == [2, 2, 0]
    constant = bins.fit("x", "number", [5.0] * 9 + [None])
    assert isinstance(constant, Frequencies)
    assert (constant.values, constant.counts) == ((5.0,), (9, 0, 1))
    assert constant.count("x", [7.0, 5.0]).tolist() == [1, 1, 0]


def test_of_many_texts_the_commonest_are_listed():
    fitted = bins.fit("x", "text", [f"{one:03}" for one in range(300)] + ["299"])
    assert isinstance(fitted, Frequencies)
    assert fitted.counts == (*(1,) * (bins.MOST - 1), 2, 100, 0)
    assert fitted.values[-1] == "299"


@pytest.mark.parametrize(
    ("kind", "column"),
    [("code", ["a"]), ("code", [1.5]), ("number", ["warm"]), ("integer", [b"x", 1]), ("text", [{"a": 1}])],
)
def test_another_kind_of_value_is_an_error(kind: Any, column: list[Any]):
    with pytest.raises(FalajError, match="MON-001 column x"):
        bins.fit("x", kind, column)


def test_arrow_and_numpy_columns_are_counted_alike():
    codes = np.array([3, 1, 1, 2])
    texts = pa.chunked_array([["b"], ["a", None]])
    assert bins.fit("x", "code", codes) == bins.fit("x", "code", pa.chunked_array([codes]))
    assert bins.fit("x", "text", texts) == bins.fit("x", "text", texts.dictionary_encode())
    assert bins.fit("x", "code", np.array([1.0, np.nan])).counts == (1, 0, 1)

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from infra.errors import FalajError
from tests.workloads.lib.serve.conftest import PLAN, ROW, SCHEMA
from workloads.lib.serve.schema import refusal, request_model

MODEL = request_model(SCHEMA, PLAN.names)


def said(body: Any) -> str:
    with pytest.raises(ValidationError) as raised:
        MODEL.model_validate_json(body if isinstance(body, str) else json.dumps(body))
    return refusal(raised.value)


def test_a_good_row_is_typed_and_a_nullable_column_may_be_left_out() -> None:
    row = dict(MODEL.model_validate_json(json.dumps(ROW)))
    assert row == {**ROW, "sched": datetime(2013, 7, 4, 17, tzinfo=UTC)}
    del (bare := dict(ROW))["carrier"]
    assert dict(MODEL.model_validate_json(json.dumps(bare)))["carrier"] is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"month": 13}, "month: Input should be less than or equal to 12, found 13"),
        ({"month": "7"}, "month: Input should be a valid integer, found 7"),
        ({"month": 7.5}, "month: "),
        ({"month": True}, "month: "),
        ({"month": None}, "month: "),
        ({"distance": -1}, "distance: Input should be greater than or equal to 0, found -1"),
        ({"sched": "2013-07-04T17:00:00"}, "sched: "),
        ({"sched": 1372957200}, "sched: "),
        ({"carrier": 3}, "carrier: "),
        ({"carrier": "x" * 10_001}, "carrier: "),
        ({"who": "me"}, "who: Extra inputs are not permitted"),
    ],
)
def test_what_is_wrong_is_told_in_one_short_line(change: dict[str, Any], why: str) -> None:
    told = said(ROW | change)
    assert told.startswith(why)
    assert "\n" not in told
    assert len(told) < 200


def test_broken_json_and_numbers_that_are_none() -> None:
    assert said("{").startswith("body: Invalid JSON")
    assert said(json.dumps(ROW).replace("1400.0", "NaN")).startswith("distance: ")
    assert said("[]").startswith("body: ")


def test_a_column_the_table_has_not_is_an_error_and_the_schema_says_the_ranges() -> None:
    with pytest.raises(FalajError, match=r"DAT-001.*no column who"):
        request_model(SCHEMA, ["who"])
    told = MODEL.model_json_schema()["properties"]
    assert (told["month"]["minimum"], told["month"]["maximum"]) == (1, 12)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists) | st.text())
def test_whatever_comes_it_is_a_row_or_one_line(body: Any) -> None:
    text = json.dumps({**ROW, "month": body})
    try:
        assert 1 <= dict(MODEL.model_validate_json(text))["month"] <= 12
    except ValidationError as error:
        assert "\n" not in refusal(error)

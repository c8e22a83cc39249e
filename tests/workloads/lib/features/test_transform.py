import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import FalajError
from tests.workloads.lib.features.conftest import MEASURED, WEATHER
from workloads.employment.tables import FEATURES
from workloads.lib.features.history import History
from workloads.lib.features.join import join
from workloads.lib.features.transform import UNSEEN, Codes, Cycle, Number, Transform

PLAN = Transform(
    codes=(Codes(name="carrier"), Codes(name="age", nearest=True)),
    numbers=(Number(name="temp"), Number(name="distance", limit=3)),
    cycles=(Cycle(name="hour", period=24), Cycle(name="at", period="year"), Cycle(name="when", period="day")),
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "carrier": st.none() | st.sampled_from(["AA", "UA", "a\0", "é", ""]),
            "age": st.none() | st.integers(-(2**62), 2**62),
            "temp": st.none() | st.floats(-1e150, 1e150),
            "distance": st.none() | st.integers(0, 5000),
            "hour": st.none() | st.integers(0, 23),
            "at": st.none() | st.datetimes(timezones=st.just(UTC)),
            "when": st.none() | st.datetimes(timezones=st.just(UTC)),
        }
    ),
    min_size=1,
    max_size=40,
)
FULL = {"carrier": "UA", "age": 40, "temp": 1.5, "distance": 3, "hour": 5} | dict.fromkeys(
    ["at", "when"], datetime(2013, 1, 1, tzinfo=UTC)
)


def columns(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: np.array([row[name] for row in rows], dtype=object) for name in PLAN.names}


@given(ROWS)
def test_a_row_alone_is_encoded_as_in_the_table_bit_for_bit_and_after_a_trip_through_json(
    rows: list[dict[str, Any]],
) -> None:
    table = columns([FULL, *rows])
    fitted = PLAN.fit(table)
    whole = fitted.encode(table)
    served = Transform.model_validate_json(fitted.model_dump_json())
    assert served == fitted
    assert whole["slots"].shape == (len(rows) + 1, 2)
    assert whole["numbers"].shape == (len(rows) + 1, fitted.width)
    for at, row in enumerate([FULL, *rows]):
        alone = served.encode(columns([row]))
        assert {name: part.tobytes() for name, part in alone.items()} == {
            name: part[at : at + 1].tobytes() for name, part in whole.items()
        }
    assert np.isfinite(whole["numbers"]).all()
    assert whole["slots"].max() < fitted.slots


@given(ROWS, st.randoms())
def test_what_is_learnt_does_not_depend_on_the_order_of_the_rows(rows: list[dict[str, Any]], random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    assert PLAN.fit(columns([FULL, *rows])) == PLAN.fit(columns([*shuffled, FULL]))


def test_numbers_are_standardised_limited_and_marked_when_missing() -> None:
    fitted = Transform(numbers=(Number(name="x", limit=2),)).fit({"x": np.array([1.0, 3.0, math.nan, math.inf])})
    assert fitted.numbers[0].mean == 2
    assert fitted.numbers[0].deviation == 1
    out = fitted.encode({"x": [2, 3, None, 1e9, -math.inf]})["numbers"]
    assert out.tolist() == [[0, 0], [1, 0], [0, 1], [2, 0], [-2, 0]]
    assert out.dtype == np.float32


def test_codes_have_slots_of_their_own_and_the_unseen_share_one() -> None:
    plan = Transform(codes=(Codes(name="c"), Codes(name="age", nearest=True)))
    fitted = plan.fit({"c": ["b", "a", None], "age": np.array([3.0, 7.0, np.nan])})
    assert fitted.slots == 5
    slots = fitted.encode({"c": ["a", "b", "z", None], "age": [1, 99, 5, None]})["slots"]
    assert slots.tolist() == [[1, 3], [2, 4], [0, 0], [0, 0]]


@given(st.floats(-1e6, 1e6))
def test_a_cycle_is_sine_and_cosine_to_the_precision_of_float32(hour: float) -> None:
    sine, cosine, missing = Transform(cycles=(Cycle(name="h", period=24),)).encode({"h": [hour]})["numbers"][0]
    angle = 2 * math.pi * math.fmod(hour, 24) / 24
    assert sine == pytest.approx(math.sin(angle), abs=1e-7)
    assert cosine == pytest.approx(math.cos(angle), abs=1e-7)
    assert missing == 0


def test_instants_are_the_same_in_every_form() -> None:
    plan = Transform(cycles=(Cycle(name="t", period="day"), Cycle(name="t", period="year")))
    at = datetime(2013, 7, 1, 6, 0, 0, tzinfo=UTC)
    forms = [
        [at],
        np.array(["2013-07-01T06:00"], dtype="datetime64[m]"),
        pa.chunked_array([pa.array([at], pa.timestamp("ns", "Asia/Dubai"))]),
        pd.Series([pd.Timestamp(at).tz_convert("America/New_York")]),
    ]
    encoded = {plan.encode({"t": form})["numbers"].tobytes() for form in forms}
    assert len(encoded) == 1
    assert plan.encode({"t": [at]})["numbers"][0, :2].tolist() == [1, 0]
    with pytest.raises(FalajError, match=r"FEA-006 column t: it holds timestamp\[us\], not instants with a time zone"):
        plan.encode({"t": [datetime(2013, 7, 1)]})  # noqa: DTZ001


def test_slots_of_the_census_are_distinct_and_unseen_codes_have_none(people: pd.DataFrame) -> None:
    plan = Transform(codes=tuple(Codes(name=c.name, nearest=c.name == "AGEP") for c in FEATURES))
    fitted = plan.fit({c.name: people[c.name].to_numpy() for c in FEATURES})
    seen = {c.name: sorted(people[c.name].unique()) for c in FEATURES}
    assert fitted.slots == 1 + sum(map(len, seen.values()))
    first = fitted.encode({name: codes[:1] for name, codes in seen.items()})["slots"][0]
    assert first.tolist() == [1 + sum(len(codes) for codes in list(seen.values())[:at]) for at in range(len(seen))]
    unseen = fitted.encode({c.name: [int(c.high or 0) + 1] for c in FEATURES})["slots"][0]
    assert unseen[0] == len(seen["AGEP"])  # an age past those seen is the nearest one seen
    assert set(unseen[1:]) == {UNSEEN}
    assert fitted.digest != plan.digest


def test_flights_with_their_weather_are_encoded_one_by_one_as_all_together(flights: Any, weather: Any) -> None:
    joined = join(flights.take(np.arange(0, 320_000, 16)), "sched", History.of(WEATHER, weather))
    plan = Transform(
        codes=(Codes(name="carrier"), Codes(name="origin"), Codes(name="dest")),
        numbers=tuple(Number(name=name) for name in ("distance", *MEASURED)),
        cycles=(Cycle(name="hour", period=24), Cycle(name="month", period=12), Cycle(name="sched", period="week")),
    )
    columns = {name: joined[name] for name in plan.names}
    fitted = plan.fit(columns)
    whole = fitted.encode(columns)
    assert whole["slots"].shape == (20_000, 3)
    assert whole["slots"].min() > 0
    assert whole["numbers"].shape == (20_000, 27)
    assert np.isfinite(whole["numbers"]).all()
    assert whole["numbers"][:, 3].sum() == joined["temp"].null_count > 0
    for at in range(0, 20_000, 400):
        request = {name: [joined[name][at].as_py()] for name in plan.names}
        alone = Transform.model_validate_json(fitted.model_dump_json()).encode(request)
        assert all(part.tobytes() == whole[name][at : at + 1].tobytes() for name, part in alone.items())


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"age": [None], "x": [1.0]}, "FEA-005 column age"),
        ({"age": [1], "x": [None, math.nan]}, "FEA-005 column x"),
        ({"age": [1], "x": [1e200, -1e200]}, "FEA-005 column x"),
        ({"age": [1.5], "x": [1.0]}, "FEA-006 column age"),
        ({"age": [1, "a"], "x": [1.0]}, "FEA-006 column age"),
        ({"age": [1], "x": ["warm"]}, "FEA-006 column x: it holds string, not numbers"),
        ({"x": [1.0]}, "FEA-006 column age: it is not among x"),
    ],
)
def test_what_cannot_be_learnt_from_is_named(columns: dict[str, Any], code: str) -> None:
    with pytest.raises(FalajError, match=code):
        Transform(codes=(Codes(name="age"),), numbers=(Number(name="x"),)).fit(columns)


def test_what_cannot_be_encoded_is_named() -> None:
    plan = Transform(codes=(Codes(name="age"),), numbers=(Number(name="x"),))
    with pytest.raises(FalajError, match="FEA-006 column x: the transform was not fitted"):
        plan.encode({"age": [1], "x": [1.0]})
    fitted = plan.fit({"age": [1], "x": [1.0]})
    with pytest.raises(FalajError, match="FEA-006 column age: it holds other than codes: string, integers in training"):
        fitted.encode({"age": ["1"], "x": [1.0]})

"""Every row is clean or quarantined with its reasons; what is wrong with all rows is an error."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import FalajError
from workloads.employment.tables import PEOPLE
from workloads.lib.data import ingest
from workloads.lib.data.column import Column, Schema
from workloads.lib.data.files import Held
from workloads.lib.data.table import Lake
from workloads.lib.data.validate import REASONS, split, validate

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS = Schema(
    "events",
    (
        Column("id", "Event", "integer", 0),
        Column("ward", "Ward", "code", 1, 3),
        Column("x", "X", "number", -1, 1, nullable=True),
        Column("at", "When", "instant"),
    ),
    key=("id",),
    time="at",
)
GOOD = {"id": "1", "ward": "2", "x": "0.5", "at": "2025-06-01T12:00:00Z"}


def landed(rows: list[dict[str, str | None]]) -> pa.Table:
    texts = {name: pa.array([row[name] for row in rows], pa.string()) for name in EVENTS.names}
    return pa.table({ingest.PART: ["p"] * len(rows), ingest.ROW: list(range(len(rows))), **texts})


def reasons(rows: list[dict[str, str | None]], **named: Any) -> list[str]:
    """Of each row but the first; padded with good rows, so that no column looks changed."""
    more = [GOOD | {"id": str(1000 + i)} for i in range(2 * len(rows))]
    _, bad = split(EVENTS, landed([*rows, *more]), **named)
    found = dict(zip(bad[ingest.ROW].to_pylist(), bad[REASONS].to_pylist(), strict=True))
    return [found.get(at, "") for at in range(len(rows))]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""),
        ({"x": None}, ""),
        ({"ward": " 3.0 "}, ""),
        ({"ward": None}, "ward: not_nullable"),
        ({"ward": "4"}, "ward: at most 3"),
        ({"ward": "2.5"}, "ward: no whole number"),
        ({"ward": "two"}, "ward: no whole number"),
        ({"id": "-1"}, "id: at least 0"),
        ({"id": "9007199254740993"}, ""),
        ({"id": "99999999999999999999"}, "id: no whole number"),
        ({"x": "1.01"}, "x: at most 1"),
        ({"x": "inf"}, "x: at most 1"),
        ({"x": "much"}, "x: no number"),
        ({"at": "2025-06-01 16:00+04:00"}, ""),
        ({"at": "2025-06-01 16:00"}, "at: no time zone"),
        ({"at": "2025-13-01T00:00:00Z"}, "at: no instant"),
        ({"at": None}, "at: not_nullable"),
        ({"ward": "0", "x": "7"}, "ward: at least 1; x: at most 1"),
    ],
)
def test_a_row_is_quarantined_for_what_is_wrong_with_it(change: dict, reason: str):
    assert reasons([GOOD | change]) == [reason]


def test_the_values_are_those_that_were_written():
    rows = [GOOD | {"id": "9007199254740993"}, GOOD | {"id": "2", "x": None, "at": "2025-06-01 16:00+04:00"}]
    clean, bad = split(EVENTS, landed(rows))
    noon = datetime(2025, 6, 1, 12, tzinfo=UTC)
    assert clean.to_pylist() == [
        {"id": 9007199254740993, "ward": 2, "x": 0.5, "at": noon},
        {"id": 2, "ward": 2, "x": None, "at": noon},
    ]
    assert clean.schema == EVENTS.arrow
    assert bad.num_rows == 0


def test_an_instant_without_a_zone_is_meant_in_the_named_one():
    local = [GOOD | {"id": "2", "at": "2025-07-01 12:00"}, GOOD | {"id": "3", "at": "2025-03-30 02:30"}]
    local.append(GOOD | {"id": "4", "at": "2025-10-26 02:30"})
    unclear = "at: no such time, or twice, in its zone"
    assert reasons([GOOD, *local], zone="Europe/Berlin") == ["", "", unclear, unclear]
    assert reasons([GOOD, *local], zone="Asia/Dubai") == ["", "", "", ""]
    clean, _ = split(EVENTS, landed([GOOD, local[0]]), zone="Asia/Dubai")
    assert clean["at"][1].as_py() == datetime(2025, 7, 1, 8, tzinfo=UTC)
    with pytest.raises(FalajError, match="Mars/Olympus"):
        split(EVENTS, landed([GOOD, local[0]]), zone="Mars/Olympus")


def test_of_rows_with_one_key_the_latest_known_stays():
    early, late = (GOOD | {"x": x, "at": f"2025-06-0{day}T00:00:00Z"} for x, day in (("0.1", 2), ("0.2", 3)))
    other = late | {"x": "0.3"}
    assert reasons([late, early, late], known="at") == ["", "key: superseded", "key: repeated"]
    assert reasons([early, late, other], known="at") == ["key: superseded", "key: conflict", "key: conflict"]
    assert reasons([early, late]) == ["key: conflict", "key: conflict"]
    assert reasons([early, early]) == ["", "key: repeated"]
    assert reasons([late | {"x": "9"}, early], known="at") == ["x: at most 1", ""]


VALUE = {
    "id": st.sampled_from(["1", "2", "3", None, "x"]),
    "ward": st.sampled_from(["1", "3", "9", None]),
    "x": st.sampled_from(["0", "0.0", "1", "5", None]),
    "at": st.sampled_from(["2025-06-01T00:00:00Z", "2025-06-01T04:00:00+04:00", "2025-06-02T00:00:00Z", "now"]),
}


@settings(max_examples=40)
@given(st.lists(st.fixed_dictionaries(VALUE), max_size=8))
def test_each_row_is_clean_or_quarantined_and_each_key_is_clean_once(rows: list[dict]):
    more = [GOOD | {"id": str(1000 + i)} for i in range(20)]
    table = landed([*rows, *more])
    clean, bad = split(EVENTS, table, known="at")
    assert clean.num_rows + bad.num_rows == table.num_rows
    ids = clean["id"].to_pylist()
    assert len(set(ids)) == len(ids)

    best: dict[str, Any] = {}  # by hand: per key the latest good row, none when two latest differ
    for row in rows:
        if row["id"] in (None, "x") or row["ward"] in ("9", None) or row["x"] == "5" or row["at"] == "now":
            continue
        at, value = pd.Timestamp(row["at"]), (row["ward"], None if row["x"] is None else float(row["x"]))
        best.setdefault(row["id"], []).append((at, value))
    expected = {}
    for key, versions in best.items():
        latest = {value for at, value in versions if at == max(at for at, _ in versions)}
        if len(latest) == 1:
            expected[int(key)] = latest.pop()
    kept = {row["id"]: (str(row["ward"]), row["x"]) for row in clean.to_pylist() if row["id"] < 1000}
    assert kept == expected


def test_a_changed_column_is_an_error_not_a_quarantine():
    for change, says in (
        ({"x": None}, "column x has no value in any of 9 rows"),
        ({"ward": "first"}, "9 of 9 values of column ward are no code"),
        ({"ward": "1.5"}, "9 of 9 values of column ward are no code"),
        ({"at": "2025-06-01 16:00"}, "9 of 9 values of column at are no instant"),
    ):
        with pytest.raises(FalajError, match=says) as caught:
            split(EVENTS, landed([GOOD | change | {"id": str(i)} for i in range(9)]))
        assert caught.value.code == "DAT-011"


def test_clean_and_quarantined_rows_are_tables_with_a_report(lake: Lake):
    lines = ["id,ward,x,at", *(f"{i},{1 + i % 3},0.{i:02d},2025-06-01T{i % 24:02d}:00:00Z" for i in range(50))]
    lines += ["50,7,,2025-06-05T00:00:00Z", "51,1,,yesterday", "7,2,0.07,2025-06-01T07:00:00Z"]
    land = ingest.land(lake, Held({"a.csv": "\n".join(lines).encode()}), EVENTS)
    with pytest.raises(FalajError, match=r"WRK-008.*2 of 53 rows are bad, 1% may be: at: no instant"):
        validate(lake, land, EVENTS, NOW)
    assert "events" not in lake.tables()
    done = validate(lake, land, EVENTS, NOW, max_quarantined=0.05)
    assert validate(lake, land, EVENTS, NOW, max_quarantined=0.05) == done
    assert len(lake.snapshots("events")) == 1

    quality = done.quality
    assert (quality.rows, quality.clean, quality.quarantined, quality.bad) == (53, 50, 3, 2)
    assert quality.reasons == {"at: no instant": 1, "key: repeated": 1, "ward: at most 3": 1}
    assert quality.columns["ward"] == {"nulls": 0, "distinct": 3, "min": 1, "max": 3}
    assert (quality.first, quality.last) == ("2025-06-01T00:00:00+00:00", "2025-06-01T23:00:00+00:00")
    assert quality.out_of_order == 25
    assert quality.age_seconds == (NOW - datetime(2025, 6, 1, 23, tzinfo=UTC)).total_seconds()
    assert "53 rows: 50 clean, 3 quarantined" in quality.markdown()
    assert "| ward: at most 3 | 1 |" in quality.markdown()
    assert lake.read("events", where="id = 7").num_rows == 1
    kept = lake.read("events_quarantine").to_pylist()
    assert Counter(row["at"] for row in kept)["yesterday"] == 1


@pytest.mark.e2e
def test_the_census_is_clean_but_for_what_is_broken_in_it(census: dict[str, Path]):
    frame = pd.concat([pd.read_parquet(census[name]) for name in ("reference", "analysis")], ignore_index=True)
    rows = frame[list(PEOPLE.names)].astype(object)
    broken = rows.copy()
    broken.loc[3, "AGEP"], broken.loc[4, "SEX"], broken.loc[5, "MAR"] = 120, None, "married"
    for table, bad in ((rows, {}), (broken, {3: "AGEP: at most 99", 4: "SEX: missing", 5: "MAR: no code"})):
        texts = {name: pa.array([None if pd.isna(v) else str(v) for v in table[name]]) for name in PEOPLE.names}
        numbers = list(range(len(table)))
        clean, rest = split(PEOPLE, pa.table({ingest.PART: ["p"] * len(table), ingest.ROW: numbers, **texts}))
        assert clean.num_rows == 277_677 - len(bad)
        assert rest[ingest.ROW].to_pylist() == list(bad)
        assert [reason.partition(":")[0] for reason in rest["_reasons"].to_pylist()] == [
            reason.partition(":")[0] for reason in bad.values()
        ]
        kept = rows.drop(index=list(bad)).astype("int64").reset_index(drop=True)
        pd.testing.assert_frame_equal(clean.to_pandas(), kept[list(PEOPLE.names)])

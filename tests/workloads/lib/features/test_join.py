"""The meaning of a point-in-time join, case by case, and against polars and brute force on random rows."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import FalajError
from tests.workloads.lib.features.conftest import MEASURED, WEATHER
from workloads.lib.features.definition import Feature, FeatureView
from workloads.lib.features.history import History
from workloads.lib.features.join import join

START = datetime(2024, 1, 1, tzinfo=UTC)
VIEW = FeatureView(
    name="balance",
    description="What an account holds",
    owner="ledger",
    source="balances",
    keys=("account",),
    event_time="at",
    ttl=timedelta(minutes=10),
    features=(Feature(name="value", kind="number", description="The balance"),),
)
BITEMPORAL = VIEW.model_copy(update={"known_at": "known"})

Row = tuple[Any, int | None, int | None, float | None]
"""account, at, known (minutes), value."""


def instants(minutes: list[int | None], unit: str = "us", zone: str = "UTC") -> Any:
    return pa.array(
        [None if m is None else START + timedelta(minutes=m) for m in minutes], pa.timestamp("us", "UTC")
    ).cast(pa.timestamp(unit, zone))


def facts(rows: list[Row], kind: Any = None) -> Any:
    kind = kind or pa.string()
    account, at, known, value = zip(*rows, strict=True) if rows else ((), (), (), ())
    return pa.table(
        {
            "account": pa.array(account, kind),
            "at": instants(list(at)),
            "known": instants(list(known)),
            "value": pa.array(value, pa.float64()),
        }
    )


def asked(rows: list[tuple[Any, int | None]], kind: Any = None, **form: str) -> Any:
    account, at = zip(*rows, strict=True) if rows else ((), ())
    return pa.table({"account": pa.array(account, kind or pa.string()), "t": instants(list(at), **form)})


def answers(view: FeatureView, rows: list[Row], questions: list[tuple[Any, int | None]]) -> list[float | None]:
    return join(asked(questions), "t", History.of(view, facts(rows)))["value"].to_pylist()


CASES: dict[str, tuple[FeatureView, list[Row], list[tuple[Any, int | None]], list[float | None]]] = {
    "a the latest at or before": (VIEW, [("A", 1, 1, 1.0), ("A", 3, 3, 3.0), ("A", 6, 6, 6.0)], [("A", 5)], [3.0]),
    "b the same instant counts": (VIEW, [("A", 5, 5, 5.0), ("A", 4, 4, 4.0)], [("A", 5)], [5.0]),
    "c older than the TTL is null, exactly as old is not": (
        VIEW,
        [("A", 0, 0, 7.0)],
        [("A", 10), ("A", 11), ("A", 10)],
        [7.0, None, 7.0],
    ),
    "d no row is null": (VIEW, [("A", 5, 5, 5.0)], [("A", 4), ("B", 9)], [None, None]),
    "e duplicates all stay": (VIEW, [("A", 1, 1, 1.0)], [("A", 2), ("A", 2), ("A", 2)], [1.0, 1.0, 1.0]),
    "f a tie goes to the one known later": (
        BITEMPORAL,
        [("A", 1, 3, 3.0), ("A", 1, 2, 2.0)],
        [("A", 5), ("A", 2)],
        [3.0, 2.0],
    ),
    "f and of those to the later row": (VIEW, [("A", 1, 1, 1.0), ("A", 1, 1, 2.0)], [("A", 5)], [2.0]),
    "g what was not known yet is not used": (
        BITEMPORAL,
        [("A", 1, 1, 0.4), ("A", 2, 9, 0.6)],
        [("A", 5), ("A", 9), ("A", 0)],
        [0.4, 0.6, None],
    ),
    "g every candidate known later": (BITEMPORAL, [("A", 1, 8, 0.4), ("A", 2, 9, 0.6)], [("A", 5)], [None]),
    "g a late correction of an older event changes nothing newer": (
        BITEMPORAL,
        [("A", 2, 2, 2.0), ("A", 1, 4, 1.0)],
        [("A", 5)],
        [2.0],
    ),
    "g known before it happens waits for it": (BITEMPORAL, [("A", 5, 1, 5.0)], [("A", 4), ("A", 5)], [None, 5.0]),
    "h never known is never used": (BITEMPORAL, [("A", 1, 1, 1.0), ("A", 2, None, 2.0)], [("A", 5)], [1.0]),
    "i nobody borrows": (VIEW, [("A", 1, 1, 1.0), ("B", 4, 4, 4.0)], [("A", 5), ("B", 3)], [1.0, None]),
    "a null key is nobody": (VIEW, [(None, 1, 1, 1.0)], [(None, 5), ("A", None)], [None, None]),
    "a null value is an answer": (VIEW, [("A", 1, 1, 1.0), ("A", 2, 2, None)], [("A", 5)], [None]),
    "no rows at all": (BITEMPORAL, [], [("A", 5)], [None]),
    "no questions": (VIEW, [("A", 1, 1, 1.0)], [], []),
}


@pytest.mark.parametrize("case", CASES)
def test_each_rule_of_the_join(case: str) -> None:
    view, rows, questions, expected = CASES[case]
    assert answers(view, rows, questions) == expected


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Dubai", "America/New_York"])
def test_zones_and_units_may_differ(unit: str, zone: str) -> None:
    history = History.of(BITEMPORAL, facts([("A", 1, 1, 1.0), ("A", 5, 5, 5.0), ("A", 6, 6, 6.0)]))
    assert join(asked([("A", 5)], unit=unit, zone=zone), "t", history)["value"].to_pylist() == [5.0]


def test_one_nanosecond_counts_also_across_the_whole_range() -> None:
    table = facts([("A", 0, 0, 1.0), ("B", 0, 0, 2.0)])
    event = pa.array([1, -(2**63)], pa.timestamp("ns", "UTC"))
    history = History.of(VIEW, table.set_column(1, "at", event))
    times = pa.array([1, 0, 600 * 10**9 + 1, 600 * 10**9 + 2, 2**63 - 1], pa.timestamp("ns", "UTC"))
    rows = pa.table({"account": ["A", "A", "A", "A", "B"], "t": times})
    assert join(rows, "t", history)["value"].to_pylist() == [1.0, None, 1.0, None, None]


ACCOUNTS = st.sampled_from(["A", "B", "C"])
MINUTE = st.integers(0, 30)
FACTS = st.lists(st.tuples(ACCOUNTS, MINUTE, st.none() | MINUTE, st.none() | st.floats(allow_nan=False)), max_size=40)
QUESTIONS = st.lists(st.tuples(ACCOUNTS | st.just("D"), MINUTE), max_size=40)


def brute(view: FeatureView, rows: list[Row], questions: list[tuple[Any, int]]) -> list[float | None]:
    """The definition, word for word."""

    def answer(account: str, t: int) -> float | None:
        known = [(at, t if not view.known_at else known, place, value)
                 for place, (who, at, known, value) in enumerate(rows)
                 if who == account and at is not None and at <= t
                 and (not view.known_at or (known is not None and known <= t))]  # fmt: skip
        if not known:
            return None
        at, _, _, value = max(known, key=lambda row: row[:3])
        return value if view.ttl is None or timedelta(minutes=t - at) <= view.ttl else None

    return [answer(*question) for question in questions]


@settings(max_examples=60)
@given(FACTS, QUESTIONS, st.sampled_from([VIEW, BITEMPORAL]), st.sampled_from([None, timedelta(minutes=7)]))
def test_the_join_is_its_definition(
    rows: list[Row], questions: list[tuple[Any, int]], view: FeatureView, ttl: timedelta | None
) -> None:
    view = view.model_copy(update={"ttl": ttl})
    assert answers(view, rows, [*questions]) == brute(view, rows, questions)


@settings(max_examples=60)
@given(FACTS, QUESTIONS)
def test_polars_says_the_same_where_it_can(rows: list[Row], questions: list[tuple[Any, int]]) -> None:
    left = pl.from_arrow(asked([*questions]))
    right = pl.from_arrow(facts(rows))
    assert isinstance(left, pl.DataFrame)
    assert isinstance(right, pl.DataFrame)
    right = right.unique(["account", "at"], keep="last", maintain_order=True).sort("at")
    theirs = (
        left.with_row_index("row")
        .sort("t")
        .join_asof(right, left_on="t", right_on="at", by="account", tolerance="10m", check_sortedness=False)
        .sort("row")
    )
    assert answers(VIEW, rows, [*questions]) == theirs["value"].to_list()


def test_every_flight_gets_the_weather_of_its_airport(flights: Any, weather: Any) -> None:
    joined = join(flights, "sched", History.of(WEATHER, weather))
    assert joined.num_rows == 336_776
    assert joined.select(flights.column_names).equals(flights)
    assert joined["temp"].null_count == 990
    left, right = pl.from_arrow(flights.select(["origin", "sched"])), pl.from_arrow(weather)
    assert isinstance(left, pl.DataFrame)
    assert isinstance(right, pl.DataFrame)
    theirs = (
        left.with_row_index("row")
        .sort("sched")
        .join_asof(
            right.sort("time_hour"),
            left_on="sched",
            right_on="time_hour",
            by="origin",
            tolerance="2h",
            check_sortedness=False,
        )
        .sort("row")
    )
    for name in MEASURED:
        assert joined[name].to_pylist() == theirs[name].cast(pl.Float64).to_list()


def test_several_keys_and_several_views() -> None:
    table = pa.table(
        {
            "a": pa.array([1, 1, 2], pa.int32()),
            "b": pa.array(["x", "y", "x"]).dictionary_encode(),
            "at": instants([1, 1, 1]),
            "n": pa.array([10, 20, 30], pa.uint8()),
        }
    )
    two = FeatureView(
        name="two",
        description="",
        owner="",
        source="",
        keys=("a", "b"),
        event_time="at",
        features=(Feature(name="n", kind="integer", description=""),),
    )
    one = two.model_copy(update={"keys": ("a",), "features": (Feature(name="b", kind="text", description=""),)})
    rows = pa.table({"a": [1, 2, 2], "b": ["y", "x", "y"], "t": instants([5, 5, 5])})
    assert join(rows, "t", History.of(two, table))["n"].to_pylist() == [20, 30, None]
    with pytest.raises(FalajError, match="FEA-001 feature view two: the rows have a column b already"):
        join(rows, "t", History.of(two, table), History.of(one, table))


def test_what_does_not_fit_is_named() -> None:
    table = facts([("A", 1, 1, 1.0)])
    rows = asked([("A", 5)])
    naive = table["at"].cast(pa.timestamp("us"))
    wrong: list[tuple[Any, Any, str]] = [
        (
            table.drop_columns("value"),
            rows,
            "FEA-002 feature view balance: it needs column value, the table has account",
        ),
        (table.drop_columns("known"), rows, "FEA-002 feature view balance: it needs column known"),
        (table, rows.drop_columns("t"), "FEA-002 rows for feature view balance: it needs column t"),
        (
            table.set_column(3, "value", pa.array(["1"])),
            rows,
            "FEA-003 .* column value is string, the definition says n",
        ),
        (
            table.set_column(0, "account", pa.array([1.5])),
            rows,
            "FEA-003 .* key column account is double, keys are int",
        ),
        (table, rows.set_column(0, "account", pa.array([1])), "FEA-003 rows .* is int64, the view's is string"),
        (table.set_column(1, "at", naive), rows, r"FEA-004 .* column at is timestamp\[us\], it must be .* time zone"),
        (table, rows.set_column(1, "t", pa.array([10**15], pa.timestamp("s", "UTC"))), "FEA-004 rows .* fit nanosec"),
    ]
    for source, question, message in wrong:
        with pytest.raises(FalajError, match=message):
            join(question, "t", History.of(BITEMPORAL, source))
    with pytest.raises(FalajError, match="FEA-001 feature view balance: it names value more than once"):
        FeatureView(**{**VIEW.model_dump(), "keys": ("value",)})


def test_a_definition_has_a_version() -> None:
    assert FeatureView.model_validate_json(VIEW.model_dump_json()).digest == VIEW.digest
    assert BITEMPORAL.digest != VIEW.digest


def test_a_described_column_is_a_feature_unless_it_is_an_instant() -> None:
    column = SimpleNamespace(name="SCHL", title="Educational attainment", kind="code")
    assert Feature.of(column) == Feature(name="SCHL", kind="integer", description="Educational attainment")
    column.kind = "instant"
    with pytest.raises(FalajError, match="FEA-003 column SCHL: it is an instant"):
        Feature.of(column)

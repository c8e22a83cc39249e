"""A schema says what its table holds, refuses what cannot be, and survives JSON."""

import pyarrow as pa
import pytest

from infra.errors import FalajError
from workloads.lib.data.column import Column, Schema

FLIGHTS = Schema(
    "flights",
    (
        Column("id", "Row", "integer", 1, pii="indirect"),
        Column("origin", "Airport", "text"),
        Column("month", "Month", "code", 1, 12),
        Column("delay", "Minutes", "number", nullable=True),
        Column("at", "Scheduled departure", "instant"),
    ),
    key=("id",),
    time="at",
    subject="id",
)


def test_a_schema_survives_json_and_its_digest_knows_every_change():
    assert Schema.of_dict(FLIGHTS.as_dict()) == FLIGHTS
    assert Schema.of_dict(FLIGHTS.as_dict()).digest == FLIGHTS.digest
    fields = FLIGHTS.as_dict()
    fields["columns"][2]["high"] = 13
    assert Schema.of_dict(fields).digest != FLIGHTS.digest


def test_a_schema_knows_its_columns_and_their_arrow_types():
    assert FLIGHTS["month"].high == 12
    assert FLIGHTS.of_pii("direct", "indirect") == ("id",)
    assert FLIGHTS.arrow.field("at").type == pa.timestamp("us", tz="UTC")
    assert [field.nullable for field in FLIGHTS.arrow] == [False, False, False, True, False]
    with pytest.raises(FalajError, match="no column year"):
        FLIGHTS["year"]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Column("a", "A", "code", 1), "a code has a lowest and a highest value"),
        (lambda: Column("a", "A", "text", low=1), "kind text has no bounds"),
        (lambda: Column("a", "A", "number", 2, 1), "low 2 is above high 1"),
        (lambda: Schema("t", (Column("a", "A", "text"),), key=("b",)), "no column b"),
        (lambda: Schema("t", (Column("a", "A", "text"),), key=("a",), subject="who"), "no column who"),
        (
            lambda: Schema("t", (Column("a", "A", "text"), Column("a", "A", "text")), key=("a",)),
            "more than one column a",
        ),
    ],
)
def test_what_cannot_be_is_refused(make, says: str):
    with pytest.raises(FalajError, match=says) as caught:
        make()
    assert caught.value.code == "DAT-001"

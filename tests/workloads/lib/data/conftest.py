"""A lake, and a small table for it."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from workloads.lib.data.column import Column, Schema
from workloads.lib.data.table import Lake
from workloads.lib.object_store import ObjectStore

VISITS = Schema(
    "visits",
    (
        Column("id", "Visit", "integer", 0),
        Column("person", "Who", "text", pii="indirect"),
        Column("ward", "Ward", "code", 1, 9),
        Column("weight", "Kilograms", "number", 0, 400, nullable=True),
        Column("at", "Arrival", "instant"),
    ),
    key=("id",),
    time="at",
    subject="person",
)


def visits(start: int, stop: int, mark: str = "person") -> pa.Table:
    """Rows `start` to `stop`, ten of each person; every seventh without a weight."""
    ids = range(start, stop)
    return pa.table(
        {
            "id": list(ids),
            "person": [f"{mark}-{i // 10}" for i in ids],
            "ward": [1 + i % 9 for i in ids],
            "weight": pa.array([None if i % 7 == 0 else i / 3 for i in ids], pa.float64()),
            "at": [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=i) for i in ids],
        }
    )


@pytest.fixture
def lake(store: ObjectStore) -> Lake:
    made = Lake(store)
    made.create(VISITS)
    return made

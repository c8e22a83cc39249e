"""The flights and the weather of New York, 2013, and a view of the weather."""

from datetime import timedelta
from typing import Any

import pytest

from bench.flights import tables
from workloads.lib.features.definition import Feature, FeatureView

MEASURED = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib")
WEATHER = FeatureView(
    name="weather",
    description="Hourly weather at the three airports",
    owner="operations",
    source="weather",
    keys=("origin",),
    event_time="time_hour",
    ttl=timedelta(hours=2),
    features=tuple(Feature(name=name, kind="number", description=name) for name in MEASURED),
    freshness=timedelta(hours=3),
)


@pytest.fixture(scope="session")
def new_york() -> tuple[Any, Any]:
    return tables()


@pytest.fixture
def flights(new_york: tuple[Any, Any]) -> Any:
    """336,776 flights with their scheduled departure, `sched`: an instant to the minute."""
    return new_york[0]


@pytest.fixture
def weather(new_york: tuple[Any, Any]) -> Any:
    """26,115 rows of hourly weather."""
    return new_york[1]

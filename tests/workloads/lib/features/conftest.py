"""The flights and the weather of New York, 2013, and a view of the weather."""

from datetime import timedelta
from typing import Any

import pytest

from bench import flights as flights_of

MEASURED = flights_of.MEASURED
WEATHER = flights_of.WEATHER.model_copy(update={"freshness": timedelta(hours=3)})


@pytest.fixture(scope="session")
def new_york() -> tuple[Any, Any]:
    return flights_of.tables()


@pytest.fixture
def flights(new_york: tuple[Any, Any]) -> Any:
    """336,776 flights with their scheduled departure, `sched`: an instant to the minute."""
    return new_york[0]


@pytest.fixture
def weather(new_york: tuple[Any, Any]) -> Any:
    """26,115 rows of hourly weather."""
    return new_york[1]

"""The features: the weather as the airport had observed it, and how late flights were leaving there just then.

A flight is asked about one hour before its schedule. Nothing that was observed, or left, after that instant is known.
"""

from datetime import timedelta
from typing import Any

from workloads.lib.features.definition import Feature, FeatureView

LEAD = timedelta(hours=1)
"""How long before the schedule the question is asked."""

_MEASURED = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")

OBSERVED = FeatureView(
    name="weather",
    description="The last hourly observation at the airport",
    owner="operations",
    source="weather",
    keys=("origin",),
    event_time="time_hour",
    ttl=timedelta(hours=2),
    freshness=timedelta(hours=2),
    features=tuple(Feature(name=name, kind="number", description=f"{name} as observed") for name in _MEASURED),
)

TRAFFIC = FeatureView(
    name="traffic",
    description="The last flight that left the airport, and those that had left in the two hours before it",
    owner="operations",
    source="traffic",
    keys=("origin",),
    event_time="left_at",
    ttl=timedelta(hours=3),
    freshness=timedelta(hours=3),
    features=(
        Feature(name="recent_delay", kind="number", description="Their mean delay, minutes"),
        Feature(name="recent_worst", kind="number", description="The longest delay among them, minutes"),
        Feature(name="recent_flights", kind="number", description="How many they were"),
    ),
)

_TRAFFIC = """
WITH gone AS (
    SELECT origin, dep_delay AS delay, time_hour + to_minutes(minute + dep_delay::BIGINT) AS left_at
    FROM flights WHERE dep_delay IS NOT NULL
)
SELECT DISTINCT origin, left_at, avg(delay) OVER before AS recent_delay, max(delay) OVER before AS recent_worst,
    (count(*) OVER before)::DOUBLE AS recent_flights
FROM gone
WINDOW before AS (PARTITION BY origin ORDER BY left_at RANGE BETWEEN INTERVAL 2 hours PRECEDING AND CURRENT ROW)
ORDER BY origin, left_at
"""


def traffic(flights: Any) -> Any:
    """The rows of the view, one for each minute in which a flight left, of the Arrow table `flights`."""
    import duckdb

    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.register("flights", flights)
        return engine.sql(_TRAFFIC).to_arrow_table()

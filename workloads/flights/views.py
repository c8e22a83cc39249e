"""The features: the weather as the airport had observed it, and how late flights were leaving there just then.

A flight is asked about one hour before its schedule. Nothing that was observed, or left, after that instant is known.
"""

from datetime import timedelta
from typing import Any

from workloads.lib.features.definition import Feature, FeatureView

LEAD = timedelta(hours=1)
"""How long before the schedule the question is asked."""

_OBSERVED = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")

WEATHER = FeatureView(
    name="weather",
    description="The last hourly observation at the airport",
    owner="operations",
    source="weather",
    keys=("origin",),
    event_time="time_hour",
    ttl=timedelta(hours=2),
    freshness=timedelta(hours=2),
    features=tuple(Feature(name=name, kind="number", description=f"{name} as observed") for name in _OBSERVED),
)

TRAFFIC = FeatureView(
    name="traffic",
    description="Flights that left the airport in the two hours before",
    owner="operations",
    source="traffic",
    keys=("origin",),
    event_time="until",
    ttl=timedelta(hours=3),
    freshness=timedelta(hours=3),
    features=(
        Feature(name="recent_delay", kind="number", description="Their mean delay, minutes"),
        Feature(name="recent_worst", kind="number", description="The longest delay among them, minutes"),
        Feature(name="recent_flights", kind="number", description="How many they were"),
    ),
)

_TRAFFIC = """
WITH left_ AS (
    SELECT origin, dep_delay AS delay, time_hour + to_minutes(minute + dep_delay::BIGINT) AS at
    FROM flights WHERE dep_delay IS NOT NULL
), ends AS (
    SELECT origin, unnest(generate_series(
        time_bucket(INTERVAL 15 minutes, min(at)) + INTERVAL 15 minutes, max(at) + INTERVAL 15 minutes,
        INTERVAL 15 minutes)) AS until
    FROM left_ GROUP BY origin
)
SELECT origin, until, avg(delay) AS recent_delay, max(delay) AS recent_worst, count(*)::DOUBLE AS recent_flights
FROM ends JOIN left_ USING (origin)
WHERE at < until AND at >= until - INTERVAL 2 hours
GROUP BY ALL ORDER BY ALL
"""


def traffic(flights: Any) -> Any:
    """The rows of the view, one a quarter of an hour and airport, of the Arrow table `flights`."""
    import duckdb

    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.register("flights", flights)
        return engine.execute(_TRAFFIC).to_arrow_table()

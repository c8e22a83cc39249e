"""The flights' own parts: what is asked, what was known then, and the network's inputs."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from workloads.flights.spec import PATH, Spec
from workloads.flights.views import LEAD, TRAFFIC, traffic
from workloads.flights.workload import Flights
from workloads.lib.features.history import History
from workloads.lib.features.join import join

HOUR = datetime(2013, 3, 1, 12, tzinfo=UTC)


def flights(*rows: tuple[int, int, float | None]) -> pa.Table:
    """(hours after noon, minute, delay) of flights out of JFK."""
    made = [
        {
            "year": 2013,
            "month": 3,
            "day": 1,
            "hour": 7 + hours,
            "minute": minute,
            "time_hour": HOUR + timedelta(hours=hours),
            "carrier": "AA",
            "flight": number,
            "origin": "JFK",
            "dest": "LAX",
            "distance": 2475,
            "dep_delay": delay,
        }
        for number, (hours, minute, delay) in enumerate(rows, 1)
    ]
    return pa.Table.from_pylist(made)


def workload() -> Flights:
    return Flights(Spec.load(PATH))


def test_a_flight_is_asked_about_an_hour_before_its_schedule():
    rows = workload().examples({"flights": flights((3, 30, 12.0), (4, 0, None))}).to_pylist()
    assert [row["at"] for row in rows] == [
        HOUR + timedelta(hours=3, minutes=30) - LEAD,
        HOUR + timedelta(hours=4) - LEAD,
    ]
    assert [row["delay"] for row in rows] == [12.0, None]
    assert rows[0] | {"id": "2013-03-01T15 AA 1 JFK", "period": 3, "clock": 630, "weekday": 5} == rows[0]


def test_traffic_tells_of_flights_that_had_left_and_of_no_other():
    table = flights((0, 0, 10.0), (0, 30, 50.0), (1, 0, 90.0))
    rows = traffic(table)
    asked = pa.table({"origin": ["JFK"] * 4, "at": pa.array([HOUR + timedelta(minutes=m) for m in (9, 10, 79, 80)])})
    answers = join(asked, "at", History.of(TRAFFIC, rows)).to_pylist()
    assert [answer["recent_flights"] for answer in answers] == [None, 1.0, 1.0, 2.0]
    assert [answer["recent_delay"] for answer in answers] == [None, 10.0, 10.0, 30.0]
    assert answers[3]["recent_worst"] == 50.0
    # The last one left at 14:30; after three hours its row answers nothing more.
    late = pa.table({"origin": ["JFK"] * 2, "at": pa.array([HOUR + timedelta(minutes=m) for m in (330, 331)])})
    assert [one["recent_flights"] for one in join(late, "at", History.of(TRAFFIC, rows)).to_pylist()] == [2.0, None]


def test_its_columns_fit_the_transform():
    made = workload()
    there = {
        *made.examples({"flights": flights((3, 30, 12.0))}).column_names,
        *(n for v in made.views for n in v.names),
    }
    assert set(made.transform.names) <= there

"""The live years of the census, as they were and with a truth that turned; the flights' year, whose seasons change."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.workloads.lib.monitor.conftest import columns
from workloads.lib.data.column import Column, Schema
from workloads.lib.fingerprint import canonical
from workloads.lib.monitor.alarm import Alarms
from workloads.lib.monitor.profile import Profile, profile
from workloads.lib.monitor.watch import confirm, watch
from workloads.lib.object_store import ObjectStore
from workloads.lib.workspace import Workspace


def test_years_that_stay_the_same_raise_nothing_and_a_turned_truth_does(
    store: ObjectStore, years: dict[int, pd.DataFrame], of_2015: Profile
):
    alarms = Alarms(Workspace(store, "monitor/employment"), "sha256:1", for_=2)
    states: list[tuple[str, str]] = []
    for year in (2016, 2017, 2018):
        rows, end = years[year], datetime(year + 1, 1, 1, tzinfo=UTC)
        said = rows["predicted_probability"].to_numpy()
        window = watch(of_2015, alarms, end, columns(rows), said)
        assert [alarm.state for alarm in window.alarms] == ["ok", "ok", "ok"]
        assert canonical(window.as_dict())
        turned = np.where(np.arange(len(rows)) % 7, rows["employed"], 1 - rows["employed"])
        truth = rows["employed"].to_numpy() if year == 2016 else turned
        _, alarm = confirm(of_2015, alarms, end, truth, said, window.drift)
        states.append((alarm.kind, alarm.state))
    assert states == [("performance", "ok"), ("concept", "pending"), ("concept", "firing")]
    news = [alarm for alarm in alarms.all() if alarm.news]
    assert [(alarm.name, alarm.detail["metric"], alarm.detail["kind"]) for alarm in news] == [
        ("performance", "accuracy", "concept")
    ]


FLIGHT = Schema(
    "flight",
    (
        *(Column(name, name, "text") for name in ("carrier", "origin")),
        *(Column(name, name, "integer") for name in ("distance", "hour")),
        *(Column(name, name, "number", nullable=True) for name in ("temp", "precip", "visib")),
    ),
    key=(),
)


@pytest.mark.e2e
@pytest.mark.long
def test_the_seasons_are_drift_of_the_weather_alone(store: ObjectStore, nycflights: dict[str, Path]):
    """The mean delay of the hour in the first quarter, profiled in April."""
    flights, weather = (pd.read_csv(nycflights[name]) for name in ("flights", "weather"))
    joined = flights.merge(weather[["origin", "time_hour", "temp", "precip", "visib"]], how="left")
    joined = joined[joined["dep_delay"].notna()]
    by_hour = joined[joined["month"] <= 3].groupby("hour")["dep_delay"].mean()
    joined = joined.assign(said=joined["hour"].map(by_hour).fillna(by_hour.mean()))
    months = {int(month): rows for month, rows in joined.groupby("month")}
    inputs = {month: {name: rows[name].to_numpy() for name in FLIGHT.names} for month, rows in months.items()}
    april = profile(
        "regression", FLIGHT, inputs[4], months[4]["said"].to_numpy(), months[4]["dep_delay"].to_numpy(), "April"
    )
    alarms, worse = Alarms(Workspace(store, "monitor/flights"), for_=2), set[int]()
    for month in range(5, 13):
        end, said = datetime(2013 + month // 12, month % 12 + 1, 1, tzinfo=UTC), months[month]["said"].to_numpy()
        window = watch(april, alarms, end, inputs[month], said)
        assert "temp" in window.drift.data
        assert set(window.drift.data) <= {"temp", "precip", "visib"}
        assert [alarm.state for alarm in window.alarms] == ["pending" if month == 5 else "firing", "ok", "ok"]
        found, _ = confirm(april, alarms, end, months[month]["dep_delay"].to_numpy(), said, window.drift)
        if found.worse:
            worse.add(month)
            assert found.kind == "data"
    assert worse == {6, 7}

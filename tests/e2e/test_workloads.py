"""The workloads as a user runs them: from packages to served models, and what a withdrawal of consent does."""

import time
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.rig import Platform
from tests.workloads.lib.serve.live import post
from workloads.employment.workload import Employment
from workloads.flights.views import OBSERVED
from workloads.lib import serve
from workloads.lib.consent.ledger import Ledger
from workloads.lib.data.table import Lake
from workloads.lib.features.history import History
from workloads.lib.features.join import join
from workloads.lib.platform import Platform as Facts
from workloads.lib.replay.traffic import send

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_flights_are_joined_as_known_then_and_served(platform: Platform, tmp_path: Path) -> None:
    found = platform.json("run", "flights")
    rows, quality = found["data"]["rows"], found["card"]["evaluation"]
    assert found["data"]["tables"]["flights"]["rows"] == 336_776
    assert found["data"]["tables"]["weather"]["quarantined"] == 1  # a wind of 1,048 miles an hour
    assert rows == {"train": 134_041, "validation": 27_234, "test": 28_485, "unlabelled": 8255, "without_consent": 0}
    assert found["consent"] == {"persons": False, "reason": "no table names a person: flights, weather"}
    assert quality["r2_low"] > found["card"]["compared"]["linear"]["r2"]
    assert quality["rmse_low"] < quality["rmse"] < quality["rmse_high"]
    assert found["example"]["answer"]["model"] == found["model"]
    assert found["example"]["answer"]["value"] > 0
    again = platform.json("run", "flights")
    assert again["model"] == found["model"]
    assert not again["changed"]

    # What a request leaves out is what the training rows say of that instant.
    facts = Facts.load(platform.home / "local" / "platform.json")
    weather = Lake(facts.open_store()).read("weather")
    at = pa.table({"origin": ["JFK"], "at": pa.array([datetime(2013, 12, 30, 23, 30, tzinfo=UTC)])})
    (known,) = join(at, "at", History.of(OBSERVED, weather)).to_pylist()
    body, url = found["example"]["body"] | {"origin": "JFK"}, urlsplit(found["example"]["url"])
    connection = HTTPConnection(url.netloc, timeout=30)
    asked = {name: value for name, value in body.items() if name not in OBSERVED.names}
    full = asked | {name: known[name] for name in OBSERVED.names}
    assert sum(full[name] is not None for name in OBSERVED.names) == 8, "there were no gusts"
    when = "2013-12-30T18:30:00-05:00"
    answers = [post(connection, row, url.path, falaj_at=when)[1]["value"] for row in (asked, full, body)]
    assert answers[0] == answers[1] != answers[2]

    # In batch the model says of every flight what it says online of one.
    scored = platform.json("score", "flights", "--out", str(tmp_path / "scores.parquet"))
    assert (scored["rows"], scored["scored"], scored["without"]) == (336_776, 336_776, 0)
    rows = {one["id"]: one["prediction"] for one in pq.read_table(scored["out"]).to_pylist()}
    assert len(rows) == 336_776
    lake = Lake(facts.open_store())
    (one,) = lake.read("flights_examples").slice(300_000, 1).to_pylist()
    row = {name: one[name] for name in body.keys() | set(OBSERVED.names)}
    said = post(HTTPConnection(url.netloc, timeout=30), row, url.path)[1]["value"]
    assert said == pytest.approx(rows[one["id"]], abs=1e-4)
    assert platform.json("score", "flights")["scored"] == 0


@pytest.mark.long
def test_who_withdraws_is_in_no_later_model(platform: Platform) -> None:
    before = platform.json("run", "employment")
    store = Facts.load(platform.home / "local" / "platform.json").open_store()
    consents = {entry.subject: entry for entry in Ledger(store).entries()}
    who = next(entry for entry in consents.values() if entry.state == "granted")
    assert platform.json("consent", "show", who.subject)["granted"] == {who.purpose: True}
    assert platform.json("consent", "withdraw", who.subject, who.purpose)["recorded"] == 1

    after = platform.json("run", "employment")
    assert after["model"] != before["model"]
    assert after["consent"]["subjects_granted"] == before["consent"]["subjects_granted"] - 1
    # Of the person and of the label one row each.
    assert after["data"]["rows"]["without_consent"] == before["data"]["rows"]["without_consent"] + 2

    asked = platform.json("release", "request", "employment", "production")
    assert (asked["verdict"], asked["request"]["model"]) == ("allow", after["model"])
    assert {one["policy"] for one in asked["findings"]} == {"MLR-005", "MLR-008"}, "what is left is for people"

    told = platform.json("lineage", "subject", who.subject)
    assert sum(told["rows"].values()) >= 2, "the tables keep the rows until they are erased"
    assert any(before["model"].removeprefix("sha256:")[:20] in model for model in told["models"])
    planned = platform.json("consent", "erasure", who.subject)
    assert sum(planned["tables"].values()) >= 2
    assert f"employment@{before['model']}" in planned["withdraw"], "it is served no more"
    assert f"employment@{after['model']}" not in planned["retrain"], "it never saw the person"


@pytest.mark.long
def test_a_spoilt_column_is_seen_people_are_called_and_the_model_before_is_back(platform: Platform) -> None:
    """After the test before, production points at its second model: a change that is on probation."""
    facts = Facts.load(platform.home / "local" / "platform.json")
    before, served = (one["model"] for one in platform.json("release", "status", "employment")["moves"][-2:])
    rows = Lake(facts.open_store()).read("people").slice(0, 500)
    bodies = rows.select(Employment.request.names).to_pylist()
    ids = [str(one) for one in rows["id"].to_pylist()]
    url = f"http://127.0.0.1:{facts.ray.serve.port}/employment/predict"

    assert send(url, bodies, ids).failed == 0
    time.sleep(2)  # the log takes a second
    calm = platform.json("watch", "employment")
    assert calm["model"] == served
    assert calm["answers"] >= 500
    assert set(calm["window"]["states"].values()) == {"ok"}
    assert calm["reactions"] == []
    assert platform.json("watch", "employment")["window"] is None, "the next window has nothing yet"

    assert send(url, [body | {"AGEP": 0} for body in bodies], ids).failed == 0
    time.sleep(2)
    told = platform.json("watch", "employment")
    assert told["window"]["columns"]["AGEP"]["level"] == "major"
    back = next(one for one in told["reactions"] if one["action"] == "rollback")
    assert platform.json("release", "status", "employment")["production"] == before
    assert serve.served(facts, "/employment") == before
    incident = platform.json("incident", "show", back["incident"])
    assert incident["stage"] == "contained"
    metrics = (platform.home / "local" / "metrics" / "employment.prom").read_text()
    assert f'falaj_model_incident_open{{incident="{back["incident"]}"' in metrics

"""The workloads as a user runs them: from packages to served models, and what a withdrawal of consent does."""

from datetime import UTC, datetime

import pytest

from tests.rig import Platform
from workloads.lib.consent.ledger import Entry, Ledger
from workloads.lib.platform import Platform as Facts

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_flights_are_joined_as_known_then_and_served(platform: Platform) -> None:
    found = platform.json("run", "flights")
    rows, quality = found["data"]["rows"], found["card"]["evaluation"]
    assert found["data"]["tables"]["flights"]["rows"] == 336_776
    assert found["data"]["tables"]["weather"]["quarantined"] == 1  # a wind of 1,048 miles an hour
    assert rows == {"train": 134_041, "validation": 27_234, "test": 28_485, "unlabelled": 8255, "without_consent": 0}
    assert found["consent"] is None
    assert quality["r2_low"] > found["card"]["compared"]["linear"]["r2"]
    assert quality["rmse_low"] < quality["rmse"] < quality["rmse_high"]
    assert found["example"]["answer"]["model"] == found["model"]
    assert found["example"]["answer"]["value"] > 0
    again = platform.json("run", "flights")
    assert again["model"] == found["model"]
    assert not again["changed"]


def test_who_withdraws_is_in_no_later_model(platform: Platform) -> None:
    before = platform.json("run", "employment")
    store = Facts.load(platform.home / "local" / "platform.json").open_store()
    ledger = Ledger(store)
    consents = {entry.subject: entry for entry in ledger.entries()}
    who = next(entry for entry in consents.values() if entry.state == "granted")
    now = datetime.now(UTC)
    ledger.append([Entry(who.subject, who.purpose, "withdrawn", now, now)])

    after = platform.json("run", "employment")
    assert after["model"] != before["model"]
    assert after["consent"]["subjects_granted"] == before["consent"]["subjects_granted"] - 1
    # Of the person and of the label one row each.
    assert after["data"]["rows"]["without_consent"] == before["data"]["rows"]["without_consent"] + 2

    told = platform.json("lineage", "subject", who.subject)
    assert sum(told["rows"].values()) >= 2, "the tables keep the rows until they are erased"
    assert any(before["model"].removeprefix("sha256:")[:20] in model for model in told["models"])

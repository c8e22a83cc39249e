"""The breach clock: from when, for how long, by whose law, and when it stops."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.gate import controls, params
from tests.workloads.lib.incident.test_incident import NOW, opened
from workloads.lib.incident import breach, incident
from workloads.lib.incident.incident import clocks
from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import Platform


def test_every_clock_is_of_a_regime_and_an_article_that_the_catalogue_says_as_much_about() -> None:
    """A reference is verified here only where the control catalogue has it verified, or a source of its own says it."""
    assert breach.rules().keys() <= params.regimes().keys()
    known = {one.framework: one.controls for one in controls.frameworks()}
    assert (known["GDPR"]["33"].status, breach.rules()["gdpr"].reference) == ("verified", "verified")
    assert (known["UAE-PDPL"]["9"].status, breach.rules()["pdpl"].reference) == ("verified", "verified")
    assert [name for name, rule in breach.rules().items() if rule.certain] == ["gdpr", "adgm"]


def test_hours_run_through_summer_time_and_are_told_on_the_authoritys_clock() -> None:
    """Brussels goes from +01:00 to +02:00 on 29 March 2026: 72 hours stay 72 hours, the wall clock moves."""
    aware = datetime(2026, 3, 27, 9, tzinfo=timezone(timedelta(hours=4)))
    gdpr, adgm = breach.clocks(["gdpr", "adgm"], aware, {})[::-1]
    assert (gdpr.due - aware, adgm.due - aware) == (timedelta(hours=72),) * 2
    assert gdpr.local.isoformat() == "2026-03-30T07:00:00+02:00"
    assert adgm.local.isoformat() == "2026-03-30T09:00:00+04:00"


def test_immediately_is_at_once_and_the_soonest() -> None:
    first, *_ = breach.clocks(["gdpr", "bank", "pdpl"], NOW, {})
    assert (first.regime, first.due) == ("pdpl", NOW)
    assert first.state(NOW + timedelta(seconds=1)) == "overdue"


@given(told=st.none() | st.integers(0, 200), hours=st.integers(0, 200))
def test_it_stops_when_the_authority_is_told(told: int | None, hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    notified = {} if told is None else {"gdpr": NOW + timedelta(hours=told)}
    (clock,) = breach.clocks(["gdpr"], NOW, notified)
    left = 72 - (hours if told is None else told)
    assert clock.left(now) == timedelta(hours=left)
    words = ("runs", "overdue") if told is None else ("told", "told late")
    assert clock.state(now) == words[left < 0]
    assert clock.as_dict(now)["left_seconds"] == left * 3600


def test_without_data_of_persons_none_runs_until_it_turns_out_to_be_a_breach(
    platform: Platform, store: ObjectStore, models: list[str]
) -> None:
    made = opened(platform, models[1], personal=False)
    assert clocks(made) == []
    known = NOW - timedelta(days=1)
    found = incident.judge(store, made.id, "yes", why="x", aware=known, now=NOW + timedelta(hours=1))
    assert found.personal
    assert {clock.regime: clock.aware for clock in clocks(found)} == dict.fromkeys(("pdpl", "difc", "gdpr"), known)


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_running_clock_is_moved_to_earlier_only(
    platform: Platform, store: ObjectStore, models: list[str], hours: int
) -> None:
    one = opened(platform, models[1]).id
    aware = NOW + timedelta(hours=hours)
    found = incident.judge(store, one, "yes", why="x", aware=aware, now=NOW + timedelta(hours=6))
    assert found.aware == min(aware, NOW)


def test_one_that_was_ruled_out_and_turns_out_to_be_a_breach_runs_from_the_opening(
    platform: Platform, store: ObjectStore, models: list[str]
) -> None:
    one = opened(platform, models[1]).id
    assert clocks(incident.judge(store, one, "no", why="drift", now=NOW + timedelta(hours=1))) == []
    found = incident.judge(store, one, "yes", why="it was not", now=NOW + timedelta(hours=9))
    assert [clock.aware for clock in clocks(found)] == [NOW] * 3
    assert found.opened == datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_the_page_tells_every_clock_as_it_is() -> None:
    page = Path("docs/incidents.md").read_text()
    for name, rule in breach.rules().items():
        (row,) = (line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        article = rule.law.rpartition(", ")[2]
        assert cells[1].endswith(article)
        assert cells[3] == (f"{rule.hours:.0f} h" if rule.hours else "at once")
        assert cells[4:6] == [rule.reference, rule.period]

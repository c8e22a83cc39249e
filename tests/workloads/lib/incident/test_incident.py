"""An incident from alarm to review: bound to its model, each stage once and in order, in a log that nobody changes."""

import multiprocessing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.errors import FalajError
from workloads.lib.incident import incident
from workloads.lib.incident.log import Incident, Log, incidents
from workloads.lib.monitor.raised import Kind, Report
from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import Platform

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
NONE = "sha256:" + "0" * 64


def seen(model: str, kind: Kind = "data", name: str = "data", detail: dict[str, Any] | None = None) -> Report:
    return Report(name, kind, model, NOW - timedelta(hours=2), detail or {"AGEP": {"psi": 0.31}})


def opened(platform: Platform, model: str, *, personal: bool = True, **more: Any) -> Incident:
    return incident.open_(platform, "m", alarm=seen(model), model=model, personal=personal, now=NOW, **more)


def refused(action: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(FalajError) as caught:
        action(*arguments, **named)
    return caught.value.code


def test_it_is_bound_to_what_the_model_was_when_it_was_opened(
    platform: Platform, store: ObjectStore, models: list[str]
) -> None:
    made = opened(platform, models[1])
    assert (made.id, made.stage, made.severity, made.breach) == ("m-1", "opened", "minor", "unknown")
    assert made.bound.aliases == {"champion": models[1]}
    assert made.bound.head.startswith("2:sha256:")
    assert (made.bound.endpoint, made.bound.served) == ("http://127.0.0.1:9/m", None)
    assert (made.alarm.detail, made.alarm.since) == ({"AGEP": {"psi": 0.31}}, NOW - timedelta(hours=2))
    found, (record,) = incident.find(store, "m-1")
    assert found == made
    assert (record.kind, record.why, record.who.name) == (
        "open",
        "the alarm data (data) is firing",
        "oncall@example.ae",
    )


def test_an_alarm_that_goes_on_opens_no_second_one(platform: Platform, store: ObjectStore, models: list[str]) -> None:
    first = opened(platform, models[1])
    assert opened(platform, models[1]) == first
    assert opened(platform, models[0]).id == "m-2"
    for step in (incident.acknowledge, incident.contain, incident.recover):
        step(store, "m-1", why="x", now=NOW)
    incident.judge(store, "m-1", "no", why="x", now=NOW)
    incident.close(store, "m-1", why="x", now=NOW)
    assert opened(platform, models[1]).id == "m-3"
    assert [one.id for one in incident.every(store)] == ["m-1", "m-2", "m-3"]


def test_what_is_no_json_or_no_number_in_an_alarm_keeps_no_incident_from_being_opened(
    platform: Platform, models: list[str]
) -> None:
    alarm = seen(models[0], detail={"psi": float("nan"), "at": NOW, "worst": float("inf")})
    made = incident.open_(platform, "m", alarm=alarm, model=models[0], personal=False)
    assert made.alarm.detail == {"psi": None, "at": str(NOW), "worst": None}


def test_nor_does_a_registry_that_was_tampered_with(platform: Platform, store: ObjectStore, models: list[str]) -> None:
    store.put("moves/m/00000001", store.get("moves/m/00000002"))
    assert opened(platform, models[0]).bound.aliases == {}


def test_from_alarm_to_review(platform: Platform, store: ObjectStore, models: list[str]) -> None:
    one = opened(platform, models[1]).id
    hour = [NOW + timedelta(hours=h) for h in range(6)]
    incident.contain(store, one, why="rolled back by the policy", now=hour[0])
    incident.acknowledge(store, one, why="looking", severity="major", now=hour[1])
    incident.judge(store, one, "no", why="drift, nothing left the platform", now=hour[2])
    incident.recover(store, one, why="the model before answers", now=hour[3])
    done = incident.close(store, one, why="a feed sent months for years", now=hour[4])
    assert (done.acknowledged, done.contained, done.recovered, done.closed) == (hour[1], hour[0], hour[3], hour[4])
    assert (done.stage, done.severity, incident.clocks(done)) == ("closed", "major", [])
    assert incident.note(store, one, why="the feed was mended", now=hour[5]) == done
    _, records = incident.find(store, one)
    assert [record.kind for record in records][-2:] == ["close", "note"]


def test_what_is_refused(platform: Platform, store: ObjectStore, models: list[str]) -> None:
    opened(platform, models[1])
    for unknown in ("m-2", "other-1", "m", "m-x", ""):
        assert refused(incident.note, store, unknown, why="x") == "INC-002"
    assert refused(incident.note, store, "../m-1", why="x") == "REG-001"
    assert refused(incident.note, store, "m-1", why="  ") == "INC-006"
    assert refused(incident.recover, store, "m-1", why="x") == "INC-003"
    incident.acknowledge(store, "m-1", why="x")
    assert refused(incident.acknowledge, store, "m-1", why="x") == "INC-003"
    assert refused(incident.judge, store, "m-1", "yes", why="x", aware=datetime(2026, 1, 1)) == "INC-006"  # noqa: DTZ001
    assert refused(incident.judge, store, "m-1", "yes", why="x", aware=datetime(2999, 1, 1, tzinfo=UTC)) == "INC-006"
    assert refused(incident.notify, store, "m-1", "adgm", why="x") == "INC-006"
    assert refused(incident.open_, platform, "m", alarm=seen(NONE), model="latest", personal=True) == "REG-001"
    assert len(Log(store, "m").records()) == 2


def test_it_is_closed_when_nothing_is_owed_any_more(platform: Platform, store: ObjectStore, models: list[str]) -> None:
    opened(platform, models[1])

    def missing() -> str:
        with pytest.raises(FalajError, match="INC-004") as caught:
            incident.close(store, "m-1", why="x")
        return caught.value.problem

    assert missing() == "it is not acknowledged and not recovered"
    for step in (incident.acknowledge, incident.contain, incident.recover):
        step(store, "m-1", why="x")
    assert missing() == "nobody has said whether it is a breach of personal data"
    assert incident.judge(store, "m-1", "yes", why="rows were mailed out").severity == "critical"
    assert missing() == "it is a breach, and the authority was not told: pdpl, difc, gdpr"
    incident.notify(store, "m-1", "pdpl", why="case 71")
    incident.notify(store, "m-1", "difc", why="case 72")
    assert refused(incident.notify, store, "m-1", "difc", why="again") == "INC-003"
    assert missing() == "it is a breach, and the authority was not told: gdpr"
    incident.notify(store, "m-1", "gdpr", why="DPO: pseudonyms only, no risk", exempt=True)
    assert incident.close(store, "m-1", why="x").exempt == ("gdpr",)


def test_a_changed_a_missing_and_a_reordered_record_are_seen(
    platform: Platform, store: ObjectStore, models: list[str]
) -> None:
    opened(platform, models[1])
    for number in range(3):
        incident.note(store, "m-1", why=f"note {number}")
    whole = {name: store.get(name) for name in store.names("incidents/m/")}
    names = list(whole)
    for harm in (
        lambda: store.put(names[2], whole[names[2]].replace(b"note 1", b"note 9")),
        lambda: store.delete(names[2]),
        lambda: store.delete(names[-1]),
        lambda: [store.put(names[1], whole[names[2]]), store.put(names[2], whole[names[1]])],
    ):
        harm()
        assert refused(incident.find, store, "m-1") in ("INC-001", "STO-005")
        for name, data in whole.items():
            store.put(name, data)
    assert incident.find(store, "m-1")[0].id == "m-1"


def test_a_clock_that_went_back_is_told(platform: Platform, store: ObjectStore, models: list[str]) -> None:
    opened(platform, models[1])
    incident.note(store, "m-1", why="x", now=NOW - timedelta(minutes=5))
    assert [record.clock_back for record in Log(store, "m").records()] == [0, 300]


def _note(platform: Platform, number: int) -> None:
    incident.note(platform.open_store(), "m-1", why=str(number))


def test_those_who_write_at_once_take_turns(platform: Platform, store: ObjectStore, models: list[str]) -> None:
    opened(platform, models[1])
    workers = [multiprocessing.get_context("fork").Process(target=_note, args=(platform, n)) for n in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert {record.why for record in Log(store, "m").records()[1:]} == {str(n) for n in range(6)}


DOES = ("acknowledge", "contain", "recover", "close", "note", "yes", "no", "pdpl", "gdpr", "difc")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(personal=st.booleans(), steps=st.lists(st.sampled_from(DOES), max_size=12))
def test_whatever_is_tried_a_closed_one_owes_nothing_and_the_log_is_the_state(
    platform: Platform, store: ObjectStore, personal: bool, steps: list[str]
) -> None:
    name = f"x{len(store.names('heads/incidents/'))}"
    one = incident.open_(platform, name, alarm=seen(NONE), model=NONE, personal=personal, now=NOW).id
    for number, step in enumerate(steps, start=1):
        more: dict[str, Any] = {"why": "x", "now": NOW + timedelta(minutes=number)}
        try:
            if step in ("yes", "no"):
                incident.judge(store, one, step, **more)
            elif step in ("pdpl", "gdpr", "difc"):
                incident.notify(store, one, step, **more)
            else:
                getattr(incident, step)(store, one, **more)
        except FalajError as error:
            assert error.code in ("INC-003", "INC-004", "INC-006")
    records = Log(store, name).records()
    states = [incidents(records[:end])[one] for end in range(1, len(records) + 1)]
    assert incident.find(store, one)[0] == states[-1]
    for before, after in pairwise(states):
        reached = [name for name in ("acknowledged", "contained", "recovered", "closed") if getattr(before, name)]
        assert all(getattr(after, name) == getattr(before, name) for name in reached)
    if (last := states[-1]).closed:
        assert last.acknowledged
        assert last.contained
        assert last.recovered
        assert all(clock.notified for clock in incident.clocks(last))
        assert not last.personal or last.breach != "unknown"

"""The evidence bundle: what is in it, that it tells what it could not get, and that no byte of it can be changed."""

import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.errors import FalajError
from policies.gate import record
from tests.workloads.lib.incident.test_incident import NOW, opened, seen
from workloads.lib.fingerprint import canonical
from workloads.lib.incident import evidence, incident
from workloads.lib.lineage import log as lineage
from workloads.lib.lineage.event import event
from workloads.lib.lineage.node import Node
from workloads.lib.monitor import react
from workloads.lib.object_store import ObjectStore, digest
from workloads.lib.platform import Platform
from workloads.lib.registry.collect import look
from workloads.lib.registry.sign import Signer
from workloads.lib.registry.tape import pack, unpack
from workloads.lib.serve import log as requests

Made = tuple[bytes, bytes]


def asked(number: int, hours: int, model: str) -> dict[str, object]:
    at = (NOW + timedelta(hours=hours, seconds=number)).isoformat(timespec="milliseconds")
    return {"request": str(number), "arm": "a", "at": at, "model": model, "prediction": 0.5}


@pytest.fixture
def made(platform: Platform, store: ObjectStore, models: list[str]) -> Made:
    """(a bundle, the public key) of an incident of the first model, which nothing points at any more."""
    about = {"stack": "s", "workload": "m", "step": "register", "key": models[0]}
    read, makes = [Node("source", "census==1", digest(b"c"))], [Node("model", "m", models[0])]
    lineage.append(store, event("COMPLETE", **about, reads=read, makes=makes))
    requests.write(store, "m", [asked(n, -27, models[0]) for n in range(3)])
    requests.write(store, "m", [asked(n + 3, -3, models[0]) for n in range(4)])
    one = opened(platform, models[0])
    react.take(store, "m", react.Policy(), seen(models[0]), now=NOW)
    incident.note(store, one.id, why="looked at the feed")
    return evidence.bundle(platform, one.id, reports={"window.json": b"{}"}), Signer.of(store).public


def test_it_has_the_model_the_decisions_the_alarm_and_what_was_done(
    made: Made, store: ObjectStore, models: list[str]
) -> None:
    opened = evidence.verify(*made)
    read = {name: json.loads(data) for name, data in opened.members.items() if name.endswith(".json")}
    assert opened.missing == {}
    assert opened.incident == incident.find(store, "m-1")[0]
    assert digest(opened.members["manifest.json"]) == models[0]
    assert [link["record"]["model"] for link in read["registry.json"]] == models
    assert [link["record"]["kind"] for link in read["timeline.json"]] == ["open", "note"]
    assert {"census==1", "m"} <= {node["name"] for node in read["lineage.json"]["upstream"]["nodes"]}
    assert read["reactions.json"][0]["action"] == "retrain"
    assert (read["requests.json"]["records"], read["requests.json"]["models"]) == (4, {models[0]: 4})
    assert read["decisions.json"]["decisions"] == []
    assert read["alarms.json"] == []
    assert read["window.json"] == {}


def test_requests_have_one_digest_however_they_lie_in_the_store(
    made: Made, platform: Platform, store: ObjectStore
) -> None:
    before = evidence.verify(*made).members["requests.json"]
    assert requests.rotate(store, "m") == 2
    again = evidence.verify(evidence.bundle(platform, "m-1"), made[1]).members["requests.json"]
    assert again == before
    requests.write(store, "m", [asked(99, 1, "other")])
    more = json.loads(evidence.verify(evidence.bundle(platform, "m-1"), made[1]).members["requests.json"])
    assert more["digest"] != json.loads(before)["digest"]


def test_it_is_kept_sealed_and_its_model_is_not_collected(made: Made, store: ObjectStore, models: list[str]) -> None:
    assert store.get(f"incident-bundles/m-1/{digest(made[0])}") == made[0]
    (kept,) = (one for one in look(store, "m", retention=timedelta(0)) if one.model == models[0])
    assert kept.kept_by == ["held: evidence of incident m-1"]


def test_an_entry_that_was_tampered_with_is_told_and_the_rest_goes_along(
    made: Made, platform: Platform, store: ObjectStore, models: list[str]
) -> None:
    (store.path / "objects" / f"registry%2Fm%2F{models[0].replace(':', '%3A')}%2Fcard.json").write_bytes(b"no")
    opened = evidence.verify(evidence.bundle(platform, "m-1"), made[1])
    assert list(opened.missing) == ["card.json"]
    assert "FALAJ-STO-004" in opened.missing["card.json"]
    assert "manifest.json" in opened.members


def refused(data: bytes, public: bytes) -> str:
    with pytest.raises(FalajError) as caught:
        evidence.verify(data, public)
    return caught.value.code


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_byte_that_was_changed_a_cut_and_an_addition_are_refused(made: Made, data: st.DataObject) -> None:
    whole, public = made
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[place] ^= data.draw(st.integers(1, 255))
    assert refused(bytes(changed), public) == "INC-005"
    assert refused(whole[:place], public) == "INC-005"
    assert refused(whole + whole[place : place + 512], public) == "INC-005"


def test_a_member_that_was_exchanged_added_or_taken_is_refused_also_with_another_key(made: Made) -> None:
    whole, public = made
    members = unpack(whole, "x")
    for harm in (
        {"card.json": b'{"a": 1}'},
        {"more.json": b"{}"},
        {"incident.json": members["incident.json"].replace(b'"minor"', b'"major"')},
    ):
        assert refused(pack(members | harm), public) == "INC-005"
    for name in members:
        assert refused(pack({one: data for one, data in members.items() if one != name}), public) == "INC-005"
    assert refused(whole, b"-----BEGIN PUBLIC KEY-----\n") == "INC-005"
    assert refused(b"", public) == "INC-005"


def test_who_signs_cannot_tell_another_story_than_the_timeline(made: Made, store: ObjectStore) -> None:
    """The holder of the key changes the incident, or the chain, and signs it all again."""
    members = {name: data for name, data in unpack(made[0], "x").items() if not name.startswith("bundle.")}
    told = members | {"incident.json": members["incident.json"].replace(b'"minor"', b'"major"')}
    assert refused(evidence._sealed(store, "m-1", told, {}), made[1]) == "INC-005"
    links = json.loads(members["timeline.json"])
    links[0]["record"]["facts"]["severity"] = "major"
    both = told | {"timeline.json": canonical(links)}
    assert refused(evidence._sealed(store, "m-1", both, {}), made[1]) == "INC-005"
    moves = json.loads(members["registry.json"])[::-1]
    assert (
        refused(evidence._sealed(store, "m-1", members | {"registry.json": canonical(moves)}, {}), made[1]) == "INC-005"
    )


def test_a_decision_log_that_was_changed_is_no_evidence(made: Made, platform: Platform) -> None:
    log = platform.decision_log
    record.append(log, {"gate": "release", "subject": "m", "verdict": "deny"})
    record.append(log, {"gate": "release", "subject": "m", "verdict": "deny"})
    log.write_text(log.read_text().replace("deny", "allow", 1))
    opened = evidence.verify(evidence.bundle(platform, "m-1"), made[1])
    assert list(opened.missing) == ["decisions.json"]
    assert "FALAJ-GATE-015" in opened.missing["decisions.json"]

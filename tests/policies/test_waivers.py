"""Waivers as people write and sign them: what they lift, and everything that keeps them from it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.errors import FalajError
from policies.gate import sign, waivers
from policies.gate.decide import Gate
from policies.gate.document import Stack

CANARY = "canary-8e21d4"


@pytest.fixture
def own(tmp_path: Path) -> Any:
    with Gate.start(log=tmp_path / "decisions.jsonl") as started:
        yield started


def bad(ask: Any) -> Any:
    """A plan that LOC-006 denies for `prod`, whose inputs nobody else minds."""
    return ask.plan(ask.stack.model_copy(update={"profile": "prod"}), Supervisor={"log_max_mib": 0})


def finding(gate: Gate, question: Any) -> Any:
    return next(item for item in gate.decide(question).findings if item.policy == "LOC-006")


def test_a_good_waiver_lifts_its_finding_and_no_other(own: Gate, ask: Any, people: Any) -> None:
    found = finding(own, bad(ask))
    assert (found.effect, found.waived_by) == ("deny", None)
    file = people.waive("LOC-006", found.urn, found.inputs)
    own._signed.clear()
    decision = own.decide(bad(ask))
    lifted = {item.policy: (item.effect, item.waived_by) for item in decision.findings}
    assert lifted["LOC-006"] == ("waive", "WAIVER-001")
    assert not [item for item in decision.denials if item.policy == "LOC-006"]
    assert list(decision.waivers) == ["WAIVER-001"]
    assert waivers.load("other") == []
    file.unlink()
    own._signed.clear()
    assert finding(own, bad(ask)).effect == "deny"


@pytest.mark.parametrize(
    ("changed", "by", "rule"),
    [
        ({}, ("risk@x.ae",), "WVR-001"),
        ({}, ("risk@x.ae", "me@x.ae"), "WVR-001"),
        ({"requested_by": "risk@x.ae"}, ("risk@x.ae", "sec@x.ae"), "WVR-001"),
        ({"expires": "2026-01-02T00:00:00+00:00", "not_before": "2026-01-01T00:00:00+00:00"}, None, "WVR-002"),
        ({"expires": (datetime.now(UTC) + timedelta(days=95)).isoformat()}, None, "WVR-002"),
        ({"urn": "*"}, None, "WVR-003"),
        ({"urn": "urn:pulumi:local::falaj::falaj:local:Supervisor::*"}, None, "WVR-003"),
        ({"reason": " "}, None, "WVR-004"),
    ],
)
def test_a_waiver_that_is_not_good_lifts_nothing_and_is_a_finding(
    own: Gate, ask: Any, people: Any, changed: dict[str, Any], by: Any, rule: str
) -> None:
    found = finding(own, bad(ask))
    people.waive("LOC-006", **({"urn": found.urn, "inputs": found.inputs} | changed), **({"by": by} if by else {}))
    own._signed.clear()
    decision = own.decide(bad(ask))
    assert rule in {item.policy for item in decision.denials}
    assert next(item for item in decision.findings if item.policy == "LOC-006").effect == "deny"
    assert decision.waivers == {}


def test_other_inputs_than_were_looked_at(own: Gate, ask: Any, people: Any) -> None:
    found = finding(own, bad(ask))
    people.waive("LOC-006", found.urn, found.inputs)
    own._signed.clear()
    prod = ask.stack.model_copy(update={"profile": "prod"})
    worse = ask.plan(prod, Supervisor={"log_max_mib": 0, "log_backups": 0})
    assert finding(own, worse).effect == "deny"
    assert "WVR-005" in {item.policy for item in own.decide(worse).findings}


def test_a_waiver_nobody_needs_is_told(own: Gate, ask: Any, people: Any) -> None:
    found = finding(own, bad(ask))
    people.waive("LOC-006", found.urn, found.inputs)
    own._signed.clear()
    decision = own.decide(ask.plan())
    (told,) = [item for item in decision.findings if item.policy == "WVR-005"]
    assert (told.urn, told.effect) == ("waiver:WAIVER-001", "advise")
    assert decision.allowed


def test_what_cannot_be_waived(own: Gate, ask: Any, people: Any) -> None:
    people.waive("DEL-002", "urn:pulumi:local::falaj::falaj:local:ObjectStore::objectstore", "sha256:" + "0" * 64)
    decision = own.decide(ask.plan())
    assert "WVR-003" in {item.policy for item in decision.denials}


def test_a_regime_can_forbid_what_the_rule_allows(own: Gate, ask: Any, people: Any) -> None:
    people.waive("RES-001", "urn:pulumi:local::falaj::falaj:local:KeyRing::keyring", "sha256:" + "0" * 64)
    for regimes, wanted in (([], {"RES-012"}), (["health"], {"RES-012", "WVR-003"})):
        question = ask.plan(ask.stack.model_copy(update={"regimes": regimes}))
        own._signed.clear()
        assert wanted == {item.policy for item in own.decide(question).denials} & {"RES-012", "WVR-003"}


# --- files


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"id: [{CANARY}", "GATE-020"),
        (f"{CANARY}", "GATE-020"),
        (f"id: WAIVER-001\n{CANARY}: x", "GATE-020"),
        (f"id: {CANARY}", "GATE-020"),
        ("", "GATE-020"),
        (f"\x00{CANARY}", "GATE-020"),
    ],
)
def test_a_malformed_file_denies_and_is_not_shown(own: Gate, ask: Any, people: Any, text: str, code: str) -> None:
    (people.folder / "broken.yaml").write_text(text)
    decision = own.decide(ask.plan())
    assert (decision.verdict, decision.code) == ("deny", code)
    assert CANARY not in own.log.read_text()


@pytest.mark.parametrize("key", ["id", "policy", "reason", "ticket", "expires", "inputs", "extra"])
def test_a_field_of_another_shape_is_named_and_not_shown(people: Any, key: str) -> None:
    file = people.waive("LOC-006", "urn:a", "sha256:b", by=())
    written = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump(written | {key: {CANARY: CANARY}}))
    with pytest.raises(FalajError, match=f"GATE-020.*`{key}") as raised:
        waivers.load("local")
    assert CANARY not in str(raised.value)


def test_a_credential_in_the_prose(people: Any) -> None:
    people.waive("LOC-006", "urn:a", "sha256:b", by=()).write_text("x: 1")
    with pytest.raises(FalajError, match="GATE-020"):
        people.waive("LOC-006", "urn:a", "sha256:b", by=("risk@x.ae",), reason=f"AKIA{'Q' * 16}")


@pytest.mark.parametrize("key", ["policy", "urn", "reason", "expires", "risk_owner", "inputs"])
def test_what_was_changed_after_it_was_signed(own: Gate, ask: Any, people: Any, key: str) -> None:
    file = people.waive("LOC-006", "urn:a", "sha256:b")
    written = yaml.safe_load(file.read_text())
    changed = {"policy": "LOC-001", "expires": "2026-12-31T00:00:00+00:00", "risk_owner": "o@x.ae", "inputs": ["c"]}
    file.write_text(yaml.safe_dump(written | {key: changed.get(key, "changed")}))
    decision = own.decide(ask.plan())
    assert (decision.verdict, decision.code) == ("deny", "GATE-021")


def test_signatures(people: Any, tmp_path: Path) -> None:
    known = sign.signers(people.folder)
    made = sign.sign("waiver", {"a": 1}, "risk@x.ae", people.key("risk@x.ae"))
    assert sign.verify("waiver", {"a": 1}, made, known, "w").id == "risk@x.ae"
    for kind, statement, signature in (
        ("waiver", {"a": 2}, made),
        ("approval", {"a": 1}, made),
        ("waiver", {"a": 1}, made.model_copy(update={"by": "sec@x.ae"})),
        ("waiver", {"a": 1}, made.model_copy(update={"by": "nobody@x.ae"})),
        ("waiver", {"a": 1}, made.model_copy(update={"at": made.at + timedelta(seconds=1)})),
        ("waiver", {"a": 1}, made.model_copy(update={"signature": "!"})),
        ("waiver", {"a": 1}, sign.sign("waiver", {"a": 1}, "risk@x.ae", people.key("sec@x.ae"))),
    ):
        with pytest.raises(FalajError, match="GATE-021"):
            sign.verify(kind, statement, signature, known, "w")  # pyright: ignore[reportArgumentType]
    no_key = tmp_path / "no"
    for file in (no_key, people.folder / "signers.yaml"):
        with pytest.raises(FalajError, match="GATE-021"):
            sign.sign("waiver", {}, "risk@x.ae", file)


def test_the_list_of_signers(people: Any) -> None:
    file = people.folder / "signers.yaml"
    listed = yaml.safe_load(file.read_text())["signers"]
    twice = [*listed, listed[0] | {"id": "again@x.ae"}]
    for text in (
        "signers: 1",
        "[",
        yaml.safe_dump({"signers": twice}),
        yaml.safe_dump({"signers": [*listed, listed[0]]}),
    ):
        file.write_text(text)
        with pytest.raises(FalajError, match="GATE-020"):
            sign.signers(people.folder)
    file.unlink()
    assert sign.signers(people.folder) == {}


def test_patterns() -> None:
    for pattern, urn, fits in (
        ("urn:a::edge", "urn:a::edge", True),
        ("urn:a::edg*", "urn:a::edge", True),
        ("urn:a::edg*", "urn:b::edge", False),
        ("urn:a::[e]dge", "urn:a::edge", False),
        ("urn:a::edg?", "urn:a::edge", False),
    ):
        assert waivers.fits(pattern, urn) is fits


def test_only_the_stack_named(ask: Any, people: Any, own: Gate) -> None:
    people.waive("LOC-006", "urn:a", "sha256:b", stack="elsewhere")
    assert own.decide(ask.plan()).allowed
    question = ask.plan(Stack(name="elsewhere", profile="dev", jurisdiction="local", dry_run=True))
    assert "WVR-003" in {item.policy for item in own.decide(question).denials}

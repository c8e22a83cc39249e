"""Approvals of a plan, and the ticket that an allowed plan leaves."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.errors import FalajError
from policies.gate import about, approvals, ticket
from policies.gate.decide import Gate
from policies.gate.document import Document, settled


@pytest.fixture
def own(tmp_path: Path) -> Any:
    with Gate.start(log=tmp_path / "gate" / "decisions.jsonl") as started:
        yield started


def destroy(ask: Any, author: str = "me@x.ae") -> Document:
    return ask.plan(ask.stack.model_copy(update={"profile": "prod", "author": author}), op="delete")


def denied(gate: Gate, question: Document) -> set[str]:
    return {item.policy for item in gate.decide(question).denials}


def test_a_destroy_needs_two_others(own: Gate, ask: Any, people: Any) -> None:
    plan = destroy(ask)
    assert plan.plan
    digest, folder = plan.plan["digest"], own.log.parent
    decision = own.decide(plan)
    assert {item.policy for item in decision.denials} == {"DEL-002"}
    assert all(digest in item.message for item in decision.denials)
    for who in ("me@x.ae", "risk@x.ae"):
        approvals.give(folder, digest, "local", who, people.key(who))
        assert denied(own, plan) == {"DEL-002"}
    approvals.give(folder, digest, "local", "sec@x.ae", people.key("sec@x.ae"))
    allowed = own.decide(plan)
    assert allowed.allowed
    assert allowed.approvals == ["me@x.ae", "risk@x.ae", "sec@x.ae"]
    assert denied(own, destroy(ask, author="")) == {"DEL-002"}
    assert denied(own, destroy(ask, author="risk@x.ae")) == set()


def test_approvals_die_with_the_plan(own: Gate, ask: Any, people: Any) -> None:
    plan = destroy(ask)
    for who in ("risk@x.ae", "sec@x.ae"):
        approvals.give(own.log.parent, plan.plan["digest"], "local", who, people.key(who))  # pyright: ignore[reportOptionalSubscript]
    assert own.decide(plan).allowed
    other = ask.plan(plan.stack, op="delete", KeyRing={"generation": 2})
    assert denied(own, other) == {"DEL-002"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda one: one | {"plan": "sha256:" + "0" * 64}, "GATE-021"),
        (lambda one: one | {"expires": (datetime.now(UTC) + timedelta(days=300)).isoformat()}, "GATE-021"),
        (lambda one: one | {"signature": None}, "GATE-021"),
        (lambda one: one | {"more": 1}, "GATE-020"),
        (lambda _: "not", "GATE-020"),
    ],
)
def test_an_approval_that_was_changed(own: Gate, ask: Any, people: Any, change: Any, code: str) -> None:
    plan = destroy(ask)
    file = approvals.give(own.log.parent, plan.plan["digest"], "local", "risk@x.ae", people.key("risk@x.ae"))  # pyright: ignore[reportOptionalSubscript]
    file.write_text(json.dumps(change(json.loads(file.read_text()))))
    decision = own.decide(plan)
    assert (decision.verdict, decision.code) == ("deny", code)


def test_who_is_not_a_signer_cannot_approve(own: Gate, people: Any) -> None:
    with pytest.raises(FalajError, match="GATE-021"):
        approvals.give(own.log.parent, "sha256:" + "0" * 64, "local", "nobody@x.ae", people.key("risk@x.ae"))
    assert not (own.log.parent / "approvals").exists()


def test_approvals_the_question_claims_do_not_count(own: Gate, ask: Any) -> None:
    plan = destroy(ask)
    now = datetime.now(UTC)
    claimed = [
        {
            "plan": plan.plan["digest"],
            "stack": "local",
            "by": who,
            "at": now.isoformat(),
            "expires": (now + timedelta(hours=1)).isoformat(),
        }  # pyright: ignore[reportOptionalSubscript]
        for who in ("a@x.ae", "b@x.ae")
    ]
    assert denied(own, plan.model_copy(update={"approvals": claimed})) == {"DEL-002"}


# --- the ticket


def test_a_ticket_covers_what_was_planned(tmp_path: Path, ask: Any) -> None:
    plan = ask.plan(op="create")
    (urn, resource), *_ = plan.resources.items()
    with ticket.issued(tmp_path, plan, "d", "sha256:b", {urn: {"LOC-006": "WAIVER-001"}}) as file:
        found = ticket.of(tmp_path, "local", "sha256:b")
        assert found
        assert found.covers(urn, resource.type, resource.name, resource.inputs)
        assert found.resources[urn].waived == {"LOC-006": "WAIVER-001"}
        for other in (
            ("urn:x", resource.type, resource.inputs),
            (urn, "a:b:C", resource.inputs),
            (urn, resource.type, {}),
        ):
            assert not found.covers(other[0], other[1], resource.name, other[2])
        assert ticket.of(tmp_path, "local", "sha256:other") is None
        assert ticket.of(tmp_path, "another", "sha256:b") is None
        file.write_text(json.dumps(json.loads(file.read_text()) | {"expires": "2020-01-01T00:00:00Z"}))
        assert ticket.of(tmp_path, "local", "sha256:b") is None
    assert not file.exists()
    assert ticket.of(tmp_path, "local", "sha256:b") is None


def test_what_goes_is_not_in_a_ticket(tmp_path: Path, ask: Any) -> None:
    with ticket.issued(tmp_path, ask.plan(op="delete"), "d", "sha256:b", {}):
        found = ticket.of(tmp_path, "local", "sha256:b")
        assert found
        assert found.resources == {}


@pytest.mark.parametrize(
    ("planned", "found", "agrees"),
    [
        ({"a": {"$unknown": True}}, {"a": "arn:x"}, True),
        ({"a": {"$unknown": True}}, {}, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([{"$unknown": True}, 1], ["x", 1], True),
        ([1], [1, 2], False),
        ({"a": {"$secret": True}}, {"a": {"$secret": True}}, True),
        ({"a": {"$secret": True}}, {"a": "plain"}, False),
        ({"a": 1}, {"a": True}, False),
        ({"a": 0}, {"a": None}, False),
        ("name-1a2b3c4", "name-9f8e7d6", True),
        ("name-1a2b3c4", "other-9f8e7d6", False),
    ],
)
def test_anything_may_come_of_what_was_not_known(planned: Any, found: Any, agrees: bool) -> None:
    planned = ticket.Planned(type="t", inputs=settled({"v": planned}, "name"))
    expires = datetime.now(UTC) + timedelta(hours=1)
    whole = ticket.Ticket(stack="s", decision="d", bundle="b", expires=expires, resources={"u": planned})
    assert whole.covers("u", "t", "name", {"v": found}) is agrees


def test_a_ticket_of_a_simulated_region_counts_where_nothing_but_plan_providers_is_asked(
    tmp_path: Path, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ticket.issued(tmp_path, ask.plan(op="create"), "d", "sha256:b", {}, simulated=True):
        for given, counts in (
            ({}, False),
            ({"FALAJ_SIMULATED": "s3://states"}, False),
            ({"FALAJ_SIMULATED": "s3://states", "PULUMI_DEBUG_PROVIDERS": "aws:1,kubernetes:2"}, False),
            ({"PULUMI_DEBUG_PROVIDERS": "aws:1,azure-native:3,kubernetes:2"}, False),
            ({"FALAJ_SIMULATED": "s3://states", "PULUMI_DEBUG_PROVIDERS": "aws:1,azure-native:3,kubernetes:2"}, True),
        ):
            with monkeypatch.context() as patch:
                for name, value in given.items():
                    patch.setenv(name, value)
                assert (ticket.of(tmp_path, "local", "sha256:b") is not None) is counts
                assert (about.state_backend() == "s3://states") is counts

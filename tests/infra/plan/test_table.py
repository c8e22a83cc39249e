"""A plan on a terminal and as a page."""

from collections.abc import Sequence
from typing import Any

from infra.plan import page, table
from infra.plan.outcome import Outcome
from policies.gate.decision import BundleRef, Decision

TOKEN = "aws:ec2/subnet:Subnet"


def outcome(*steps: dict[str, Any], lacking: Sequence[str] = ()) -> Outcome:
    decision = Decision(
        decision_id="1",
        verdict="allow",
        gate="review",
        stack="uae",
        profile="dev",
        dry_run=True,
        bundle=BundleRef(revision="1", digest="sha256:0"),
        input_digest="sha256:0",
        engine="opa",
        now="2026-11-25T00:00:00Z",
        duration_ms=1,
    )
    return Outcome.of("uae", {"steps": list(steps)}, 1.0, decision, lacking)


def step(name: str, op: str, old: Any, new: Any, **more: Any) -> dict[str, Any]:
    def state(inputs: Any) -> dict[str, Any] | None:
        return inputs and {"type": TOKEN, "custom": True, "inputs": inputs, **more}

    detail = {"detailedDiff": {"tags.a": {"kind": "update"}}} if old and new else {}
    return {
        "urn": f"urn:pulumi:uae::falaj::{TOKEN}::{name}",
        "op": op,
        "oldState": state(old),
        "newState": state(new),
        **detail,
    }


UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def test_what_will_not_work_for_want_of_something_is_told() -> None:
    found = outcome(step("one", "create", None, {}), lacking=["no <cache>: heads forget"])
    assert "no <cache>: heads forget" in table.text(found)
    assert "no &lt;cache&gt;: heads forget" in page.render(found)
    assert found.as_dict()["lacking"] == ["no <cache>: heads forget"]


def test_what_changes_is_told_with_its_values_and_no_secrets() -> None:
    found = outcome(
        step("one", "update", {"tags": {"a": "<b>"}}, {"tags": {"a": UNKNOWN}}),
        step("two", "update", {"tags": {"a": "old"}}, {"tags": {"a": "AKIAIOSFODNN7EXAMPLE"}}),
        step("three", "delete", {"tags": {}}, None, protect=True),
    )
    text, html = table.text(found), page.render(found)
    assert "tags.a: <b> → [not known yet]" in text
    assert "tags.a: old → [secret]" in text
    assert "protected: the engine refuses this" in text
    assert "&lt;b&gt; → [not known yet]" in html
    assert "AKIA" not in text + html + str(found.as_dict())
    assert found.operations == {"update": 2, "delete": 1}


def test_the_halves_of_a_replacement_are_one() -> None:
    old, new = {"tags": {"a": "1"}}, {"tags": {"a": "2"}}
    halves = [step("one", op, old, new) for op in ("create-replacement", "replace", "delete-replaced")]
    assert outcome(*halves).operations == {"replace": 1}


def test_a_plan_that_only_creates_is_told_by_its_components() -> None:
    found = outcome(step("one", "create", None, {"tags": {}}))
    assert "what changes" not in table.text(found)
    assert "ec2.Subnet" in table.text(found)
    assert "<h2>Changes</h2>" not in page.render(found)

"""From a request to production and back, on a real gate, a real registry and signed approvals, under profile prod."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.errors import FalajError
from policies.gate import approvals
from policies.gate.decide import Gate
from policies.gate.decision import Decision
from tests.policies.conftest import People, rules_cases
from tests.workloads.platform_fields import fields
from workloads.lib.lineage import log as lineage
from workloads.lib.lineage.event import event
from workloads.lib.lineage.node import Node
from workloads.lib.object_store import ObjectStore, digest
from workloads.lib.platform import Platform
from workloads.lib.registry import Registry, alias
from workloads.lib.release import evidence, request


@pytest.fixture(scope="module")
def good() -> dict[str, Any]:
    """The good release of the rules' own tests, and its thresholds."""
    return rules_cases()


@dataclass
class Site:
    """A platform in production with a registry of one name."""

    platform: Platform
    registry: Registry
    people: People
    good: dict[str, Any]

    def publish(self, number: int, **changed: Any) -> str:
        """A model with good evidence, compared with what production points at."""
        release = self.good["good_release"]
        at = evidence.current(self.registry, "m")
        card = {part: release[part] for part in (*evidence.MEASURED, *evidence.STATED, "monitor")}
        card |= changed
        card["dataset"] = release["dataset"] | {"digest": release["data"]["digest"]}
        files = {"card.json": json.dumps(card).encode(), "transform.json": b"{}", "profile.json": b"{}"}
        stated = {**release, **changed}
        facts = {part: stated[part] for part in ("data", "code", "environment", "consent")} | {"run": digest(b"run")}
        model = self.registry.publish("m", files | {"model.safetensors": bytes([number])}, facts)
        made = [Node("model", "m", model)]
        step = {"stack": "s", "workload": "m", "step": "register", "key": model}
        read = [Node("source", "census==1", digest(b"census"))]
        lineage.append(self.registry.store, event("COMPLETE", **step, reads=read, makes=made))
        about = evidence.about(self.registry.store, "m", model)
        about.put_json("latency", release["latency"] | {"model": model})
        about.put_json("champion", release["champion"] | {"digest": at})
        return model

    def ask(self, model: str) -> tuple[request.Request, Decision]:
        return request.request(self.platform, "m", model, self.good["good_params"])

    def approve(self, model: str, *who: str) -> None:
        for one in who:
            request.approvable(self.platform, "m", model, one)
            approvals.give(self.platform.decision_log.parent, model, self.platform.stack, one, self.people.key(one))


def denied(decision: Decision) -> set[str]:
    return {item.policy for item in decision.denials}


@pytest.fixture
def site(store: ObjectStore, tmp_path: Path, good: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("FALAJ_WAIVERS", str(tmp_path / "waivers"))
    monkeypatch.setenv("FALAJ_AUTHOR", "me@x.ae")
    log = tmp_path / "gate" / "decisions.jsonl"
    with Gate.start(log=log) as gate:
        assert gate.server
        (tmp_path / "token").write_text(gate.server.token)
        decision = {"url": gate.server.url, "token_file": str(tmp_path / "token"), "bundle_digest": gate.digest}
        stack: dict[str, Any] = {"stack": "s", "profile": "prod", "decision": decision, "decision_log": str(log)}
        platform = Platform.model_validate(fields(tmp_path, store, **stack))
        yield Site(platform, Registry(store), People(tmp_path / "waivers"), good)


def test_a_release_from_request_to_rollback(site: Site):
    first = site.publish(1)
    made, decision = site.ask(first)
    assert (made.author, denied(decision)) == ("me@x.ae", {"MLR-008"})
    with pytest.raises(FalajError, match=r"RLS-005.*me@x.ae"):
        request.approvable(site.platform, "m", first, "me@x.ae")
    with pytest.raises(FalajError, match="MLR-008"):
        request.promote(site.platform, "m", first, "it is good")
    site.approve(first, "risk@x.ae", "sec@x.ae")
    decision, moved = request.promote(site.platform, "m", first, "it is good")
    assert decision.approvals == ["risk@x.ae", "sec@x.ae"]
    assert moved
    assert (moved.model, moved.why, moved.decision) == (first, "it is good", decision.decision_id)

    second = site.publish(2)
    assert denied(site.ask(second)[1]) == {"MLR-008"}  # the approvals of another model are none of this one
    assert request.status(site.platform, "m")["requests"] == [{"model": second, "author": "me@x.ae", "approvals": []}]
    site.approve(second, "risk@x.ae", "sec@x.ae")
    request.promote(site.platform, "m", second, "better")
    record = request.rollback(site.platform, "m", "previous", "alarms since noon")
    assert (record.model, record.why, record.decision) == (first, "alarms since noon", decision.decision_id)
    assert alias.current(site.registry.store, "m", "production") == first


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        ("slices", "REL-006"),
        ("calibration", "REL-007"),
        ("robustness", "REL-008"),
        ("consent", "MLR-004"),
        ("card", "MLR-001"),
        ("fairness", "REL-002"),
        ("evaluation", "REL-001"),
    ],
)
def test_what_is_missing_denies(site: Site, part: str, rule: str):
    decision = site.ask(site.publish(3, **{part: None}))[1]
    assert decision.fault is None
    assert {rule, "MLR-008"} <= denied(decision)


def test_a_comparison_with_another_champion_is_none(site: Site):
    first = site.publish(4)
    site.ask(first)
    site.approve(first, "risk@x.ae", "sec@x.ae")
    stale = site.publish(5)
    request.promote(site.platform, "m", first, "first")
    assert {"MLR-006"} <= denied(site.ask(stale)[1])


def test_nobody_asked(site: Site):
    with pytest.raises(FalajError, match="RLS-004"):
        request.promote(site.platform, "m", site.publish(6), "why not")

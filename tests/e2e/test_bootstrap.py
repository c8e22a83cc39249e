"""`falaj bootstrap aws`, with the plan providers in AWS's place and a folder in the bucket's."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.bootstrap import facts
from infra.bootstrap.engine import Bootstrap
from infra.cli.bootstrap import make
from infra.errors import FalajError
from infra.home import PROJECT
from infra.judge import folder
from infra.plan.serve import attached
from policies.gate import approvals
from tests.policies.conftest import People
from tests.rig import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
STACK = {
    "kind": "region",
    "target": "aws",
    "profile": "prod",
    "jurisdiction": "uae",
    "regimes": ["pdpl"],
    "data_class": "restricted",
    "lawful_basis": "contract",
    "account": "123456789012",
    "region": "me-central-1",
    "owner": "platform@example.ae",
    "cost_center": "ai",
    "network": {"cidr": "10.20.0.0/16"},
    "cluster": {"version": "1.35", "admins": ["arn:aws:iam::123456789012:role/admin"], "addons": {}},
    "pools": {
        "system": {
            "kind": "system",
            "instance_types": ["m7g.large"],
            "min": 1,
            "max": 3,
            "desired": 2,
            "disk_gib": 50,
            "image": "1.35.2-20261109",
        }
    },
    "quotas": {"standard": 100},
    "database": {"instance_class": "db.m7g.large"},
    "cache": {"node_type": "cache.m7g.large"},
    "budget": {"monthly_usd": 1000, "emails": ["finance@example.ae"]},
}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    stacks = tmp_path / "stacks"
    stacks.mkdir()
    file = stacks / "Pulumi.uae-aws.yaml"
    file.write_text(yaml.safe_dump({"config": {f"falaj:{key}": value for key, value in STACK.items()}}))
    monkeypatch.setenv("FALAJ_STACKS", str(stacks))
    monkeypatch.setenv("FALAJ_HOME", str(tmp_path / "home"))
    return Platform(tmp_path / "home", stacks, {})


def test_a_plan_needs_no_credentials_and_only_people_are_missing(machine: Platform) -> None:
    told = machine.json("bootstrap", "aws", "uae-aws", exit_code=4)
    assert {finding["policy"] for finding in told["decision"]["findings"]} == {"IAM-007"}
    assert told["backend"] == "s3://falaj-state-123456789012-me-central-1?region=me-central-1&awssdk=v2"
    assert told["secrets_provider"] == "awskms://alias/falaj-secrets?region=me-central-1"
    assert told["changes"]["create"] > 20


def test_it_is_for_stacks_on_aws(machine: Platform) -> None:
    local = PROJECT / "stacks" / "Pulumi.local.yaml"
    (machine.stacks / local.name).write_text(local.read_text())
    told = machine.json("bootstrap", "aws", "local", exit_code=3)["error"]
    assert told["code"] == "FALAJ-CFG-002"
    assert "'local'" in told["problem"]


def engine(providers: dict[str, str]) -> Bootstrap:
    settings = facts.read("uae-aws")
    return Bootstrap(facts.stack_name(settings), of="uae-aws", settings=settings, extra=providers)


def made(providers: dict[str, str], backend: Path) -> tuple[dict[str, int], Any]:
    return make(engine(providers), f"file://{backend}", "passphrase", as_json=True)


def test_what_is_allowed_is_made_and_known_on_another_machine(
    machine: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FALAJ_WAIVERS", str(tmp_path / "waivers"))
    monkeypatch.setenv("FALAJ_AUTHOR", "me@x.ae")
    people, bucket = People(tmp_path / "waivers"), tmp_path / "bucket"
    bucket.mkdir()
    with attached() as providers:
        with pytest.raises(FalajError, match="IAM-007"):
            made(providers, bucket)
        assert not engine(providers).outputs()
        log = machine.home / "gate" / "decisions.jsonl"
        plan = json.loads(log.read_text().splitlines()[-1])["record"]["plan"]
        for who in ("risk@x.ae", "sec@x.ae"):
            approvals.give(folder(), plan, engine(providers).stack, who, people.key(who))
        changes, decision = made(providers, bucket)
        assert changes["create"] > 20
        assert decision.allowed
        here = engine(providers)
        assert here.outputs()["bucket"] == "falaj-state-123456789012-me-central-1"
        kept = bucket / ".pulumi" / "stacks" / "falaj" / f"{here.stack}.json"
        there = {item["urn"] for item in json.loads(kept.read_text())["checkpoint"]["latest"]["resources"]}
        assert there == {item["urn"] for item in here.state()["resources"]}

        again, _ = made(providers, bucket)
        assert again == {}
        elsewhere = tmp_path / "another"
        monkeypatch.setenv("FALAJ_HOME", str(elsewhere))
        elsewhere.mkdir()
        (elsewhere / "passphrase").write_text((machine.home / "passphrase").read_text())
        found, _ = made(providers, bucket)
        assert found == {}

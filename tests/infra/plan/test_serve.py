"""The engine itself, with the plan providers in the clouds' place."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.plan.names import UNKNOWN
from infra.plan.serve import attached
from tests.infra.plan.rig import Program

FOLDER = Path(__file__).with_name("program")
pytestmark = pytest.mark.e2e


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with attached() as environment:
        made = Program(FOLDER, tmp_path, environment)
        made.make("test", {})
        yield made


def planned(program: Program) -> dict[str, Any]:
    steps = json.loads(program.operate("preview", "test", "--json").stdout)["steps"]
    return {step["urn"].rsplit("::", 1)[-1]: step for step in steps}


def test_a_plan_knows_what_is_written_and_nothing_else(program: Program) -> None:
    steps = planned(program)
    assert {step["op"] for step in steps.values()} == {"create"}
    rule = steps["sse"]["newState"]["inputs"]["rules"][0]["applyServerSideEncryptionByDefault"]
    assert rule == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": UNKNOWN}
    assert steps["sse"]["newState"]["propertyDependencies"]["rules"] == [steps["key"]["urn"]]
    assert json.loads(steps["deny"]["newState"]["inputs"]["policy"])["Statement"][0]["Effect"] == "Deny"
    assert steps["own"]["newState"]["inputs"]["policy"] == UNKNOWN
    assert steps["ray"]["newState"]["type"] == "kubernetes:ray.io/v1:RayCluster"
    assert steps["pod"]["newState"]["inputs"]["metadata"]["namespace"].startswith("team-")


def test_a_wrong_property_is_refused_at_its_place(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAN_TEST", "wrong")
    done = program.operate("preview", "test", exit_code=None)
    assert done.returncode != 0
    assert "rules[0].bucketKeyEnabled" in done.stdout + done.stderr
    assert "is 'yes', must be boolean" in done.stdout + done.stderr


def test_nothing_is_looked_up(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAN_TEST", "lookup")
    done = program.operate("preview", "test", exit_code=None)
    assert done.returncode != 0
    assert "nothing is looked up in a cloud while planning" in done.stdout + done.stderr


def test_a_stack_lives_through_its_verbs(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.operate("up", "test")
    state = program.state("test")
    key = state["key"]["outputs"]
    assert key["arn"] == f"arn:aws:kms:me-central-1:123456789012:key/{state['key']['id']}"
    assert state["sse"]["inputs"]["bucket"] == state["lake"]["id"] == state["lake"]["outputs"]["bucket"]
    assert state["lake-azure"]["inputs"]["resourceGroupName"] == state["data"]["outputs"]["name"]
    assert state["pod"]["id"] == f"{state['team']['id']}/{state['pod']['inputs']['metadata']['name']}"
    program.operate("refresh", "test")
    assert {
        name: item for name, item in program.state("test").items() if item["outputs"] != state[name]["outputs"]
    } == {}
    assert {step["op"] for step in planned(program).values()} <= {"same"}
    monkeypatch.setenv("PLAN_TEST", "changed")
    assert planned(program)["lake"]["op"] == "update"
    program.operate("up", "test")
    assert program.state("test")["lake"]["outputs"]["arn"] == state["lake"]["outputs"]["arn"]
    program.operate("destroy", "test")
    assert program.state("test") == {}

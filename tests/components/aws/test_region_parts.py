"""The parts of a region together, in the real engine with the plan providers and the gate."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.home import PROJECT
from infra.plan.serve import attached
from tests.infra.plan.rig import Program

FOLDER = Path(__file__).parent / "program"
SETTINGS = {
    "kind": "region",
    "target": "aws",
    "profile": "prod",
    "jurisdiction": "uae",
    "regimes": ["pdpl"],
    "data_class": "restricted",
    "lawful_basis": "consent",
}
WANTED = {
    "prod": True,
    "zones": "abc",
    "nat": "per-zone",
    "restore_tested": datetime.now(UTC).date().isoformat(),
    "test_schedule": None,
}
STACK = "uae-aws"
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def providers() -> Iterator[dict[str, str]]:
    with attached() as environment:
        yield environment


def program(home: Path, providers: dict[str, str], **wanted: Any) -> Program:
    made = Program(FOLDER, home, {**providers, "FALAJ_TEST_REGION": json.dumps(WANTED | wanted)})
    made.make(STACK, {f"falaj:{key}": value for key, value in SETTINGS.items()})
    return made


def findings(made: Program) -> set[tuple[str, str]]:
    """Rule and resource of all that the gate has to say; of what only a whole stack can answer, nothing."""
    done = made.operate("preview", STACK, "--policy-pack", str(PROJECT / "policies"), exit_code=None)
    log = made.home / "falaj" / "gate" / "decisions.jsonl"
    assert log.exists(), f"the gate was not asked: {done.stdout}{done.stderr}"
    records = [json.loads(line)["record"] for line in log.read_text().splitlines()]
    assert [record["gate"] for record in records] == ["stack"]
    found = {(one["policy"], one["urn"].rsplit("::", 1)[-1]) for one in records[0]["findings"]}
    return {(policy, name) for policy, name in found if name != "stack"}


@pytest.mark.parametrize(
    "wanted",
    [
        {"zones": "b", "nat": "none"},
        {"zones": "abcdef", "nat": "single"},
        {"restore_tested": None, "test_schedule": "cron(0 20 1 * ? *)"},
    ],
)
def test_the_gate_finds_nothing(tmp_path: Path, providers: dict[str, str], wanted: dict[str, Any]) -> None:
    assert findings(program(tmp_path, providers, **wanted)) == set()


def test_the_gate_finds_files_whose_backup_nobody_tried(tmp_path: Path, providers: dict[str, str]) -> None:
    assert findings(program(tmp_path, providers, restore_tested=None)) == {("BCK-001", "efs-files")}


def changes(made: Program, providers: dict[str, str], **wanted: Any) -> dict[str, set[str]]:
    """Names by operation of a preview with other wishes."""
    other = Program(made.source, made.home, {**providers, "FALAJ_TEST_REGION": json.dumps(WANTED | wanted)})
    steps = json.loads(other.operate("preview", STACK, "--json").stdout)["steps"]
    found: dict[str, set[str]] = {}
    for step in steps:
        found.setdefault(step["op"], set()).add(step["urn"].rsplit("::", 1)[-1])
    found.pop("same")
    return found


@pytest.mark.long
def test_a_life(tmp_path: Path, providers: dict[str, str]) -> None:
    made = program(tmp_path, providers, prod=False)
    made.operate("up", STACK)
    made.operate("refresh", STACK)
    made.operate("preview", STACK, "--expect-no-changes")

    grown = changes(made, providers, prod=False, zones="abdc")
    assert set(grown) == {"create", "update"}
    assert all("-d" in name for name in grown["create"])
    assert "machine" not in grown["update"]
    assert {name.split("-")[-1] for name in grown["update"] if "endpoints" not in name} == {"acl"}

    one = changes(made, providers, prod=False, nat="single")
    assert one["update"] == {"network-routes-private-b-out", "network-routes-private-c-out"}
    assert {name.removesuffix("-address") for name in one["delete"]} == {f"network-routes-nat-{zone}" for zone in "bc"}

    made.operate("destroy", STACK)
    assert made.state(STACK) == {}

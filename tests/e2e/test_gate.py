"""The gate over a real program: every rule finds the bad twin of its fixtures, and nothing to say about the good one.

The engine, the SDKs, the policy pack and OPA are the real ones; the plan providers stand in for the clouds.
"""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.home import PROJECT
from infra.plan.serve import attached
from tests.e2e.gate import fixtures
from tests.e2e.gate.fixtures import Case
from tests.infra.plan.rig import Program

FOLDER = Path(__file__).parent / "gate" / "program"
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def providers() -> Iterator[dict[str, str]]:
    with attached(catalogue=False) as environment:  # fixtures name machines that no region sells
        yield environment


def groups(cases: list[Case]) -> dict[str, list[Case]]:
    """Cases that can share a stack: same settings and twin; of those about a stack one a rule, on the same clouds."""
    found: dict[str, list[Case]] = {}
    seen: Counter[tuple[str, ...]] = Counter()
    for case in cases:
        whole = case.subject == "stack"
        clouds = sorted({item["type"].split(":")[0] for item in case.resources.values()}) if whole else []
        seen[case.rule, case.twin, *clouds] += 1
        turn = seen[case.rule, case.twin, *clouds] if whole else 0
        key = json.dumps([fixtures.settings(case.document), case.twin, clouds, turn], sort_keys=True)
        found.setdefault(key, []).append(case)
    return found


def program(home: Path, cases: list[Case], providers: dict[str, str]) -> Program:
    home.mkdir(parents=True)
    asked = home / "cases.json"
    asked.write_text(json.dumps([case.for_program() for case in cases]))
    made = Program(FOLDER, home, {**providers, "FALAJ_GATE_CASES": str(asked)})
    settings = fixtures.settings(cases[0].document)
    made.make("uae-aws", {f"falaj:{key}": value for key, value in settings.items()})
    return made


def findings(made: Program) -> list[dict[str, Any]]:
    """What the gate found in a preview of the stack, from its own log."""
    done = made.operate("preview", "uae-aws", "--policy-pack", str(PROJECT / "policies"), exit_code=None)
    log = made.home / "falaj" / "gate" / "decisions.jsonl"
    assert log.exists(), f"the gate was not asked: {done.stdout}{done.stderr}"
    records = [json.loads(line)["record"] for line in log.read_text().splitlines()]
    stack = [record for record in records if record["gate"] == "stack"]
    assert stack, f"the gate was not asked about the stack: {done.stdout}{done.stderr}"
    assert not [record["fault"] for record in records if record["fault"]]
    return [finding for record in records for finding in record["findings"]]


def stops(finding: dict[str, Any]) -> bool:
    """Whether it does all that its rule can do: an advisory one only tells."""
    return finding["effect"] == ("deny" if finding["level"] == "mandatory" else "advise")


def test_the_providers_take_every_fixture(tmp_path: Path, providers: dict[str, str]) -> None:
    made = program(tmp_path / "all", fixtures.load().live, providers)
    made.operate("preview", "uae-aws")


def answers(made: Program, cases: list[Case]) -> dict[str, str]:
    """What the gate says of the cases that it should say something else of, by their names."""
    found = findings(made)
    wrong: dict[str, str] = {}
    for case in cases:
        about = [
            finding
            for finding in found
            if finding["policy"] == case.rule and finding["urn"].rsplit("::", 1)[-1] == case.judged
        ]
        if any(map(stops, about)) != (case.twin == "bad"):
            said = "; ".join(f"{finding['effect']}: {finding['message']}" for finding in about) or "nothing"
            wrong[case.name] = f"({case.what or 'right'}) {said}"
    return wrong


@pytest.mark.long
def test_every_rule_finds_the_bad_twin_and_not_the_good(tmp_path: Path, providers: dict[str, str]) -> None:
    def ask(numbered: tuple[int, list[Case]]) -> dict[str, str]:
        number, cases = numbered
        return answers(program(tmp_path / str(number), cases, providers), cases)

    live = fixtures.load().live
    with ThreadPoolExecutor(max_workers=2) as pool:
        shared = list(groups(live).values())
        wrong = {name for said in pool.map(ask, enumerate(shared)) for name in said}
        # A fixture's resources may name one of another fixture beside them ("lake"): it is asked about alone again.
        alone = [[case] for case in live if case.name in wrong]
        still = {name: text for said in pool.map(ask, enumerate(alone, len(shared))) for name, text in said.items()}
    assert not still, "\n" + "\n".join(f"{name}: {text}" for name, text in sorted(still.items()))

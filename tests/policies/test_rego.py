"""The rules' own tests: all of them, and every line of every rule."""

import json
import subprocess
from pathlib import Path

import pytest

from policies.gate import bundle, cases, opa

TESTS = Path(__file__).parent / "rego"


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([opa.binary(), *map(str, arguments)], capture_output=True, text=True, check=False)


def test_rules_pass_their_tests_and_no_line_is_left_out() -> None:
    done = run("test", bundle.REGO, TESTS, "--coverage", "--format", "json")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert cases.uncovered(json.loads(done.stdout)) == []


@pytest.mark.long
@pytest.mark.e2e
def test_mutants_of_the_fixtures_are_refused() -> None:
    found = cases.run()
    assert found.good, found
    assert found.rules >= 80
    assert found.cases == found.rules * len(cases.CASES)
    assert found.score >= 0.95, found.survivors


def test_rules_are_formatted_and_strict() -> None:
    formatted = run("fmt", "--list", bundle.REGO, TESTS)
    assert (formatted.stdout, formatted.returncode) == ("", 0)
    checked = run("check", "--strict", bundle.REGO, TESTS)
    assert checked.returncode == 0, checked.stderr


def test_every_rule_has_the_six_cases() -> None:
    for rule in bundle.catalogue():
        if rule.id != bundle.CANARY:
            text = (TESTS / f"{rule.id.lower().replace('-', '_')}_test.rego").read_text()
            for case in ("good", "bad", "absent", "null", "empty", "unknown"):
                assert f"\ntest_{case} if" in text, (rule.id, case)

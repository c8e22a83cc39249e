"""The rules' own tests: the six cases of each, every line of each, and the mutants of their fixtures."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from infra.home import PROJECT
from policies.gate import bundle, opa

TESTS = PROJECT / "tests" / "policies" / "rego"
CASES = ("good", "bad", "absent", "null", "empty", "unknown")
_MUTANTS = (
    "{rule: found | some name; fixtures := data.falaj_test[name].fixtures; "
    'rule := upper(replace(name, "_", "-")); found := data.falaj_test.harness.mutants(rule, fixtures)}'
)
# Lines that only run when a test fails.
_HARNESS = "/tests/"


@dataclass(frozen=True)
class Tested:
    """What testing a set of rules showed."""

    passed: int
    failed: list[str]
    rules: int
    cases: int
    uncovered: list[str]
    mutants: int
    survivors: list[str] = field(default_factory=list[str])
    missing: list[str] = field(default_factory=list[str])

    @property
    def score(self) -> float:
        """Share of the mutants that a rule refused, 0 to 1."""
        return 1 - len(self.survivors) / self.mutants if self.mutants else 0.0

    @property
    def good(self) -> bool:
        """Whether every test passed, every line ran and every rule has its cases."""
        return not (self.failed or self.uncovered or self.missing)


def run(wanted: str = "") -> Tested:
    """Test all rules, or one by its id. Raises GATE-025 for none, GATE-017 when they do not compile."""
    rules = [rule.id for rule in bundle.catalogue() if rule.id != bundle.CANARY]
    if wanted and wanted not in rules:
        raise FalajError("GATE-025", wanted, "there is no such rule")
    chosen = [wanted] if wanted else rules
    which = ("-r", rf"{_name(wanted)}\.") if wanted else ()
    tests = _opa_json("test", *which, "--format", "json", *_paths())
    failed = [f"{item['package']}.{item['name']}" for item in tests if item.get("fail") or item.get("error")]
    # With a test that fails opa measures nothing.
    coverage: Any = {"files": {}} if failed else _opa_json("test", *which, "--coverage", "--format", "json", *_paths())
    mutants = _opa_json("eval", "--strict-builtin-errors", "--format", "raw", *_loaded(), _mutants(wanted))
    tried = [
        (f"{rule} {name} {item['path']} = {json.dumps(item['value'])}", item["result"])
        for rule, fixtures in mutants.items()
        if rule in chosen
        for name, changed in fixtures.items()
        for item in changed
    ]
    return Tested(
        passed=sum(not item.get("fail") and not item.get("error") for item in tests),
        failed=failed,
        rules=len(chosen),
        cases=sum(str(item["name"]).removeprefix("test_") in CASES for item in tests),
        uncovered=uncovered(coverage, wanted),
        mutants=len(tried),
        survivors=[what for what, result in tried if result == "pass"],
        missing=[f"{rule}: {case}" for rule in chosen for case in _missing(rule)],
    )


def _missing(rule: str) -> list[str]:
    file = TESTS / f"{_name(rule)}_test.rego"
    text = file.read_text() if file.exists() else ""
    wanted = [*(f"\ntest_{case} if" for case in CASES), "\nfixtures := "]
    return [line.strip() for line in wanted if line not in text]


def uncovered(coverage: Any, wanted: str = "") -> list[str]:
    """`file:line` of what never ran, of an `opa test --coverage`; what tests are made with does not count."""
    lines: list[str] = []
    for file, found in coverage["files"].items():
        if _HARNESS in f"/{file}" or (wanted and _name(wanted) not in file):
            continue
        lines += [f"{Path(file).name}:{item['start']['row']}" for item in found.get("not_covered", [])]
    return list(dict.fromkeys(lines))


def _opa_json(*arguments: str) -> Any:
    """What an `opa test` prints; it ends with an error code when a test fails, which is not ours to raise."""
    done = subprocess.run([opa.binary(), *arguments], capture_output=True, text=True, timeout=300, check=False)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError as error:
        said = (done.stderr or done.stdout).strip().replace("\n", " ")[:1000]
        raise FalajError("GATE-017", "policies/rego", f"opa {arguments[0]} said: {said}") from error


def _mutants(wanted: str) -> str:
    return _MUTANTS.replace("some name;", f'name := "{_name(wanted)}";') if wanted else _MUTANTS


def _loaded() -> tuple[str, ...]:
    return "-d", str(bundle.REGO), "-d", str(TESTS)


def _paths() -> tuple[str, str]:
    return str(bundle.REGO), str(TESTS)


def _name(rule: str) -> str:
    return rule.lower().replace("-", "_")

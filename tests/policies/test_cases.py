"""`falaj gate new` and `falaj gate test`: a rule that is made passes, and whatever is missing in one is named."""

import shutil
from pathlib import Path

import pytest

from infra.errors import FalajError
from policies.gate import bundle, cases, scaffold
from policies.gate.cases import CASES

THING = "falaj:local:Thing"


@pytest.fixture(autouse=True)
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the packs with one rule and its test, for speed."""
    rego, tests, catalogue = tmp_path / "rego", tmp_path / "tests" / "policies" / "rego", bundle.catalogue
    shutil.copytree(bundle.REGO / "lib", rego / "lib")
    (rego / "local").mkdir()
    tests.mkdir(parents=True)
    for file in bundle.REGO.rglob("loc_006_*.rego"):
        shutil.copy(file, rego / "local")
    for name in ("cases", "harness", "loc_006_test"):
        shutil.copy(cases.TESTS / f"{name}.rego", tests)
    monkeypatch.setattr(bundle, "REGO", rego)
    monkeypatch.setattr(bundle, "catalogue", lambda: catalogue(rego))
    monkeypatch.setattr(cases, "TESTS", tests)
    return rego


def new(id_: str = "ABC-001", title: str = "Things are on", type_: str = THING, prop: str = "enabled") -> list[Path]:
    return scaffold.new(id_, title, type_, prop, "baseline")


def planted(file: Path, old: str, text: str) -> cases.Tested:
    """What the new rule's tests show once one of its files says something else."""
    before = file.read_text()
    assert old in before
    file.write_text(before.replace(old, text))
    return cases.run("ABC-001")


# --- a new rule


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Things are on", "Things are on"),
        ("  Keys: rotate\n# yearly — {all} 'of' \"them\" ", "Keys: rotate # yearly — {all} 'of' \"them\""),
        ("- yes", "- yes"),
        ("x" * 300, "x" * 300),
        ("42", "42"),
    ],
)
def test_a_new_rule_passes_its_tests(packs: Path, title: str, written: str) -> None:
    rule, test = new(title=title)
    assert (rule.parent.name, test.name) == ("baseline", "abc_001_test.rego")
    (made,) = [item for item in bundle.catalogue() if item.id == "ABC-001"]
    assert (made.title, made.applies_to) == (written, [THING])
    found = cases.run("ABC-001")
    assert found.good, found
    assert (found.rules, found.cases, found.score) == (1, len(CASES), 1.0)
    assert found.mutants > 0


def test_a_new_rule_stands_beside_the_others(packs: Path) -> None:
    new()
    found = cases.run()
    assert (found.rules, found.failed, found.missing, found.survivors) == (2, [], [], [])
    assert found.cases == 2 * len(CASES)
    assert not [line for line in found.uncovered if line.startswith(("abc_001", "loc_006"))]


def test_a_new_rule_is_formatted(packs: Path) -> None:
    from policies.gate import opa

    files = new()
    assert opa.run(opa.binary(), "fmt", "--list", *map(str, files)).strip() == ""


@pytest.mark.parametrize(
    ("id_", "title", "type_", "prop", "pack"),
    [
        ("LOC-006", "t", THING, "p", "baseline"),
        ("abc-001", "t", THING, "p", "baseline"),
        ("ABC-1", "t", THING, "p", "baseline"),
        ("ABCD-001", "t", THING, "p", "baseline"),
        ("ABC-001\n", "t", THING, "p", "baseline"),
        ("ABC-001", " ", THING, "p", "baseline"),
        ("ABC-001", "t", 'a"]', "p", "baseline"),
        ("ABC-001", "t", "", "p", "baseline"),
        ("ABC-001", "t", THING, 'p"', "baseline"),
        ("ABC-001", "t", THING, "a.b", "baseline"),
        ("ABC-001", "t", THING, "", "baseline"),
        ("ABC-001", "t", THING, "p", "../outside"),
        ("ABC-001", "t", THING, "p", "Baseline"),
        ("ABC-001", "t", THING, "p", ""),
    ],
)
def test_bad_names_write_nothing(packs: Path, id_: str, title: str, type_: str, prop: str, pack: str) -> None:
    before = sorted(packs.parent.rglob("*"))
    with pytest.raises(FalajError, match="GATE-025"):
        scaffold.new(id_, title, type_, prop, pack)
    assert sorted(packs.parent.rglob("*")) == before


def test_an_id_that_is_taken(packs: Path) -> None:
    rule, test = new()
    written = test.read_text()
    with pytest.raises(FalajError, match=r"GATE-025.*abc_001_things_are_on.rego has that id"):
        new(title="Another")
    rule.unlink()
    with pytest.raises(FalajError, match=r"GATE-025.*abc_001_test.rego has that id"):
        new(title="Another")
    assert test.read_text() == written


# --- what is missing in one


def test_a_case_that_is_missing() -> None:
    _, test = new()
    found = planted(test, "\ntest_null if", "\ntest_nothing if")
    assert not found.good
    assert found.missing == ["ABC-001: test_null if"]
    assert (found.failed, found.cases) == ([], len(CASES) - 1)


def test_a_rule_without_a_test() -> None:
    _, test = new()
    test.unlink()
    found = cases.run("ABC-001")
    assert not found.good
    assert len(found.missing) == len(CASES) + 1
    assert (found.passed, found.mutants, found.score) == (0, 0, 0.0)


def test_a_line_that_never_runs() -> None:
    rule, _ = new()
    found = planted(rule, "\nresults[urn]", '\nholds("other", value) if {\n\tvalue == 7\n}\n\nresults[urn]')
    line = rule.read_text().splitlines().index('holds("other", value) if {') + 1
    assert not found.good
    assert found.failed == []
    assert [place.partition(":")[0] for place in found.uncovered] == [rule.name] * len(found.uncovered)
    assert f"{rule.name}:{line}" in found.uncovered or f"{rule.name}:{line + 1}" in found.uncovered


def test_a_mutant_that_survives() -> None:
    rule, _ = new()
    found = planted(rule, 'holds("enabled", true)', 'holds("enabled", value) if value in {true, -1}')
    assert found.failed == []
    assert found.survivors == ["ABC-001 one /resources/u/inputs/enabled = -1"]
    assert found.score == pytest.approx(1 - 1 / found.mutants)


def test_a_test_that_fails() -> None:
    rule, _ = new()
    found = planted(rule, 'holds("enabled", true)', 'holds("enabled", value) if value in {true, false}')
    assert not found.good
    assert "data.falaj_test.abc_001.test_bad" in found.failed
    assert found.passed + len(found.failed) == len(CASES)


def test_rules_that_do_not_compile() -> None:
    rule, _ = new()
    with pytest.raises(FalajError, match="GATE-017"):
        planted(rule, "results[urn] :=", "results[urn] := nowhere(")


def test_a_rule_nobody_knows() -> None:
    with pytest.raises(FalajError, match="GATE-025"):
        cases.run("XYZ-999")

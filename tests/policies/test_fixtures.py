"""The rules' fixtures are resources that the clouds' providers would take, and no value in them breaks a rule off."""

import pytest

from tests.e2e.gate import fixtures

# The gate asks with strict builtin errors: a rule that hands a builtin what it does not take leaves no decision at all.
# What no program writes (edges, parameters, waivers) has its shape from the gate.
MUTANTS = """count([1 |
    some rule
    of_rule := data.falaj_test[rule].fixtures
    some fixture in of_rule
    some path in fixture.paths
    regex.match(`/(inputs|provider)(/|$)`, path)
    some value in [{"$unknown": true}, {"$secret": true}, null, "", "mutant", [], ["mutant"], {}, false, -1]
    document := data.falaj_test.harness.document(data.falaj_test.harness.set_to(fixture, path, value))
    _ := data.falaj.rules[rule].results with input as document
])"""
DOCUMENTS = """count([1 |
    some rule
    of_rule := data.falaj_test[rule].fixtures
    some fixture in of_rule
    some patch in array.concat([[]], [patch | some patch in fixture.bad])
    document := data.falaj_test.harness.document(data.falaj_test.harness.patched(fixture, patch))
    _ := data.falaj.gate.decision with input as document
])"""


def test_good_fixtures_are_schema_valid() -> None:
    broken = fixtures.load().broken
    assert not broken, "\n".join(
        f"{where}: {problem.place} {problem.reason}" for where, found in broken.items() for problem in found
    )


def test_every_fixture_has_a_bad_twin_that_a_provider_takes() -> None:
    assert fixtures.load().one_sided == []


@pytest.mark.e2e
@pytest.mark.parametrize("query", [MUTANTS, DOCUMENTS], ids=["own mutants", "all rules"])
def test_no_value_breaks_a_rule_off(query: str) -> None:
    assert fixtures.evaluate(query, "--strict-builtin-errors") == fixtures.evaluate(query)

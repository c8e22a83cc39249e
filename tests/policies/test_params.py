"""What a stack's jurisdiction, regimes and own limits allow."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.errors import FalajError
from policies.gate import about, opa, params

REGO = Path(__file__).parent / "rego"


def test_the_strictest_where_nothing_is_said() -> None:
    found = params.resolve("uae", [], {})
    assert (found["max_gpus"], found["monthly_budget"], found["registries"]) == (0, 0, [])
    assert found["regions"] == {"aws": ["me-central-1"], "azure": ["uaecentral", "uaenorth"]}


@pytest.mark.parametrize(
    ("named", "routed"),
    [
        (["pdpl", "health"], "health"),
        (["pdpl", "bank"], "bank"),
        (["difc", "pdpl"], "difc"),
        (["bank", "health"], "health"),
        (["adgm", "bank"], "bank"),
        (["pdpl"], "pdpl"),
        ([], ""),
    ],
)
def test_regimes_are_routed_the_most_special_first(named: list[str], routed: str) -> None:
    assert params.route(named) == routed


def test_of_several_regimes_the_strictest_holds() -> None:
    assert params.resolve("uae", ["health"], {})["log_retention_days_min"] == 9125
    assert params.resolve("uae", ["bank"], {"approvals_min": 1})["approvals_min"] == 2
    assert params.resolve("uae", ["bank"], {"approvals_min": 3})["approvals_min"] == 3
    assert params.resolve("uae", ["pdpl", "health"], {})["log_retention_days_max"] >= 9125
    assert params.unwaivable(["pdpl"]) < params.unwaivable(["pdpl", "health"])


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (("mars", [], {}), "falaj:jurisdiction"),
        (("", [], {}), "falaj:jurisdiction"),
        (("uae", ["hipaa"], {}), "falaj:regimes"),
        (("uae", [], {"max_gpus": -1}), "falaj:policy.max_gpus"),
        (("uae", [], {"registries": ["https://x"]}), "falaj:policy.registries.0"),
        (("uae", [], {"key_deletion_days_min": 1}), "falaj:policy.key_deletion_days_min"),
        (("uae", [], {"colour": "red"}), "falaj:policy.colour"),
    ],
)
def test_what_is_not_known_is_named(arguments: Any, key: str) -> None:
    with pytest.raises(FalajError, match="GATE-019") as raised:
        params.resolve(*arguments)
    assert key in str(raised.value)


def test_the_rules_own_tests_use_what_is_resolved() -> None:
    """The harness's parameters are those of a stack of the UAE with a registry, eight GPUs and a budget."""
    text = opa.run(
        opa.binary(), "eval", "--format", "raw", "-d", str(REGO / "harness.rego"), "data.falaj_test.harness.params"
    )
    used = json.loads(text)
    given = {
        "registries": used["registries"],
        "egress_cidrs": used["egress_cidrs"],
        "max_gpus": 8,
        "monthly_budget": 20000,
    }
    resolved = params.resolve("uae", ["pdpl"], given)
    assert {key: resolved[key] for key in used} == used


def test_where_the_state_is_and_what_seals_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    assert about.state_backend() == ""
    (tmp_path / "credentials.json").write_text('{"current": "s3://login"}')
    assert about.state_backend() == "s3://login"
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://environment")
    assert about.state_backend() == "s3://environment"
    file = tmp_path / "Pulumi.x.yaml"
    file.write_text("secretsprovider: awskms://alias/x\nconfig: {}\n")
    monkeypatch.setenv("PULUMI_OPTION_CONFIG_FILE", str(file))
    assert about.secrets_provider("x") == "awskms://alias/x"
    for text in ("config: {}", "[", "1"):
        file.write_text(text)
        assert about.secrets_provider("x") == "passphrase"


def test_whose_change_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FALAJ_AUTHOR", "me@x.ae")
    assert about.author() == "me@x.ae"
    monkeypatch.delenv("FALAJ_AUTHOR")
    monkeypatch.setattr(about, "PROJECT", tmp_path)
    assert about.author() == "", "no repository, nobody named"

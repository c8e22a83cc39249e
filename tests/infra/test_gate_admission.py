"""`falaj gate admission`: what it prints and writes is what the cluster's own component is given."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from infra.cli.app import app
from infra.errors import Exit
from infra.regions.admission import rules
from infra.settings import load, stack_file


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["gate", "admission", *arguments])


@pytest.fixture(scope="module")
def expected() -> dict[str, list[dict[str, Any]]]:
    made = rules("uae-aws", load(stack_file("uae-aws")))
    return {"templates": [*made.templates], "constraints": [*made.constraints]}


def test_it_prints_templates_and_then_constraints(expected: dict[str, list[Any]]) -> None:
    text = run("--stack", "uae-aws").stdout
    assert list(yaml.safe_load_all(text)) == [*expected["templates"], *expected["constraints"]]
    assert "\n          package admission.k8s_002\n" in text  # a person reads Rego, not an escaped line
    assert json.loads(run("--stack", "uae-aws", "--json").stdout) == {"ok": True, **expected}


def test_it_writes_what_is_applied_first_apart(expected: dict[str, list[Any]], tmp_path: Path) -> None:
    assert run("--stack", "uae-aws", "--output", str(tmp_path / "rules")).exit_code == Exit.OK
    written = {file.stem: list(yaml.safe_load_all(file.read_text())) for file in (tmp_path / "rules").iterdir()}
    assert written == expected


def test_constraints_carry_the_stacks_own_parameters(expected: dict[str, list[Any]]) -> None:
    said = load(stack_file("uae-aws")).policy.registries
    (images,) = [one for one in expected["constraints"] if one["metadata"]["name"] == "img-004"]
    assert images["spec"]["parameters"]["params"] == {"registries": said}
    assert said


def test_an_unknown_stack_is_said() -> None:
    assert run("--stack", "nowhere").exit_code == Exit.CONFIG

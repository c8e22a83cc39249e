"""`falaj incident` as people see it, answered by the real module; only that a stack is up is left out."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from infra.cli import ask as asking
from infra.cli.app import app
from infra.engine import Engine
from workloads.lib.incident import evidence
from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import Platform
from workloads.lib.registry.sign import Signer

Run = Callable[..., Result]


@pytest.fixture
def run(platform: Platform, models: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "platform.json").write_text(platform.model_dump_json(by_alias=True))
    monkeypatch.setattr(Engine, "folder", tmp_path / "local", raising=False)
    monkeypatch.setattr(Engine, "platform_file", tmp_path / "local" / "platform.json", raising=False)
    monkeypatch.setattr(Engine, "require_up", lambda _: None)
    monkeypatch.setattr(asking, "require_local", lambda _: None)
    return lambda *arguments: CliRunner().invoke(app, ["incident", *map(str, arguments)])


def answer(done: Result) -> dict[str, Any]:
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.e2e
def test_from_report_to_review(run: Run, store: ObjectStore, models: list[str], tmp_path: Path) -> None:
    assert "no open incident" in run("list").output
    made = run("report", "m", "champion", "--kind", "concept", "--why", "rows are wrong", "--personal")
    assert made.exit_code == 0, made.output
    assert "m-1 is open, minor" in made.output  # nothing serves it, and production does not point at it
    assert "pdpl overdue" in made.output
    assert models[1][:19] in run("list").output

    shown = run("show", "m-1").output
    for text in ("falaj incident ack m-1 --why TEXT", "not verified", "rows are wrong", "bank  no clock is known"):
        assert text in shown
    assert "pointed at by champion" in shown

    assert "acknowledged, major" in run("ack", "m-1", "--why", "mine", "--severity", "major").output
    denied = run("close", "m-1", "--why", "done")
    assert denied.exit_code == 2
    assert "FALAJ-INC-004" in denied.output
    assert "contained" in run("contain", "m-1", "--why", "rolled back").output
    assert run("recover", "m-1", "--why", "well").exit_code == 0
    assert answer(run("breach", "m-1", "yes", "--why", "mailed", "--json"))["severity"] == "critical"
    for regime, flags in (("pdpl", ()), ("difc", ("--at", "2026-01-01T09:00+04:00")), ("gdpr", ("--exempt",))):
        assert run("notify", "m-1", regime, "--why", "case 7", *flags).exit_code == 0
    states = {clock["regime"]: clock["state"] for clock in answer(run("show", "m-1", "--json"))["clocks"]}
    assert states == {"pdpl": "told late", "difc": "told", "gdpr": "exempt"}
    assert "closed, critical" in run("close", "m-1", "--why", "a feed").output
    assert "Closed" in run("show", "m-1").output
    assert "no open incident" in run("list").output
    assert [one["id"] for one in answer(run("list", "--all", "--json"))["incidents"]] == ["m-1"]

    file = tmp_path / "m-1.tar"
    assert "card.json" in run("bundle", "m-1", "--out", file).output
    assert evidence.verify(file.read_bytes(), Signer.of(store).public).incident.stage == "closed"
    assert answer(run("verify", file, "--json"))["stage"] == "closed"
    again = run("bundle", "m-1", "--out", file)
    assert (again.exit_code, "FALAJ-INC-010" in again.output) == (2, True)
    file.write_bytes(file.read_bytes()[:-1])
    cut = run("verify", file)
    assert (cut.exit_code, "FALAJ-INC-005" in cut.output) == (7, True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", "m-9"), "INC-002"),
        (("ack", "nonsense", "--why", "x"), "INC-002"),
        (("breach", "m-1", "yes", "--why", "x", "--aware", "yesterday"), "INC-006"),  # before it looks for m-1
        (("report", "m", "nobody", "--kind", "data", "--why", "x"), "REG-003"),
        (("verify", "/nowhere/x.tar"), "INC-010"),
    ],
)
def test_what_is_wrong_is_one_line_with_a_code(run: Run, arguments: tuple[str, ...], code: str) -> None:
    done = run(*arguments, "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"]["code"] == f"FALAJ-{code}"


def test_the_module_imports_nothing_heavy() -> None:
    code = "import sys, workloads.lib.incident.__main__; print({'torch', 'ray', 'pandas', 'duckdb'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"

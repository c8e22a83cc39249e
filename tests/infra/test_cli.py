import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.errors import Exit

BIN = Path(sys.executable).parent


def falaj(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "FALAJ_HOME": str(home)}
    return subprocess.run([BIN / "falaj", *arguments], env=environment, capture_output=True, text=True, check=False)


def test_help_lists_the_verbs_and_exit_codes(tmp_path: Path) -> None:
    done = falaj("--help", home=tmp_path)
    assert done.returncode == 0
    for word in ("up", "down", "status", "run", "logs", "doctor", "Exit codes"):
        assert word in done.stdout


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys, infra.cli.app; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pulumi", "grpc", "ray", "torch", "mlflow", "pandas", "pydantic"} & set(modules)


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (("status",), "FALAJ-RUN-003", Exit.MISSING),
        (("logs",), "FALAJ-RUN-003", Exit.MISSING),
        (("run", "employment"), "FALAJ-RUN-003", Exit.MISSING),
        (("run", "nothing"), "FALAJ-RUN-005", Exit.USAGE),
        (("status", "uae-aws"), "FALAJ-RUN-009", Exit.USAGE),
        (("logs", "--stack", "uae-aws"), "FALAJ-RUN-009", Exit.USAGE),
        (("run", "employment", "--stack", "uae-aws"), "FALAJ-RUN-009", Exit.USAGE),
        (("model", "list"), "FALAJ-RUN-003", Exit.MISSING),
        (("model", "history", "employment", "--stack", "uae-aws"), "FALAJ-RUN-009", Exit.USAGE),
        (("model", "export", "m", "champion", "--why", "x", "--out", "f"), "FALAJ-REG-009", Exit.CONFIG),
        (("lineage", "upstream", "employment"), "FALAJ-RUN-003", Exit.MISSING),
        (("up", "nowhere"), "FALAJ-CFG-005", Exit.CONFIG),
        (("up", "../x"), "FALAJ-CFG-006", Exit.CONFIG),
    ],
)
def test_errors_are_one_line_or_one_document(
    tmp_path: Path, arguments: tuple[str, ...], code: str, exit_code: Exit
) -> None:
    spoken = falaj(*arguments, home=tmp_path)
    assert spoken.returncode == exit_code
    assert spoken.stderr.count("\n") == 1
    assert code in spoken.stderr
    document = json.loads(falaj(*arguments, "--json", home=tmp_path).stdout)
    assert document["error"]["code"] == code
    assert document["error"]["exit"] == exit_code


def test_unusable_state_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    done = falaj("up", "local", home=file / "below")
    assert done.returncode == Exit.FAULT
    assert "FALAJ-RUN-008" in done.stderr


def test_down_of_what_is_not_up_is_fine(tmp_path: Path) -> None:
    assert json.loads(falaj("down", "local", "--json", home=tmp_path).stdout)["was_up"] is False


def test_destroy_shows_what_would_go_and_what_would_stay(tmp_path: Path) -> None:
    def item(name: str, type_: str, **more: object) -> dict[str, object]:
        return {"urn": f"urn:pulumi:local::falaj::{type_}::{name}", "type": type_, "id": name, "custom": True, **more}

    resources = [item("vpc", "aws:ec2/vpc:Vpc"), item("lake", "aws:s3/bucket:Bucket", retainOnDelete=True)]
    state = tmp_path / "state.json"
    state.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    done = falaj("destroy", "local", "--state", str(state), "--json", home=tmp_path)
    document = json.loads(done.stdout)
    assert [one["name"] for wave in document["waves"] for one in wave["resources"]] == ["vpc"]
    assert [one["name"] for one in document["kept"]] == ["lake"]
    assert "--filters Name=vpc-id,Values=vpc" in document["leaks"][0]["query"]
    spoken = falaj("destroy", "local", "--state", str(state), home=tmp_path).stdout
    assert spoken.index("Network") < spoken.index("Stays")
    refused = falaj("destroy", "local", "--state", str(tmp_path / "none.json"), home=tmp_path)
    assert refused.returncode == Exit.CONFIG
    assert "FALAJ-PLAN-002" in refused.stderr


def test_wrong_usage(tmp_path: Path) -> None:
    assert falaj("fly", home=tmp_path).returncode == Exit.USAGE

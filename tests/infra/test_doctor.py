"""`falaj doctor` names what is missing, and the fix."""

import json
import os
import socket
from pathlib import Path

import pytest

from infra.cli import doctor
from infra.cli.doctor import Check, diagnose, listeners


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FALAJ_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def named(name: str) -> Check:
    return next(check for check in diagnose() if check.name == name)


def test_every_check_that_fails_has_a_fix_and_no_other_does() -> None:
    checks = diagnose()
    assert [check.name for check in checks if check.ok == bool(check.fix)] == []
    assert {"python", "git", "make", "uv", "go", "pulumi", "opa", "cores", "disk", "passphrase"} <= {
        c.name for c in checks
    }


def test_open_permissions_are_found_with_the_command_that_closes_them(own_home: Path) -> None:
    own_home.mkdir(mode=0o700)
    (own_home / "passphrase").write_text("x")
    (own_home / "passphrase").chmod(0o644)
    own_home.chmod(0o755)
    assert named("passphrase") == Check(
        "passphrase", "0600", f"0644 ({own_home}/passphrase)", False, f"chmod 600 {own_home}/passphrase"
    )
    assert named("state folder").fix == f"chmod 700 {own_home}"


def test_a_port_somebody_else_holds_is_named_with_its_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        assert listeners(port) == [os.getpid()]
    assert listeners(port) is None


def test_an_empty_cache_and_path_name_every_tool_to_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FALAJ_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", "/nowhere")
    missing = {check.name: check.fix for check in diagnose() if check.found == "not there"}
    assert missing == dict.fromkeys(("pulumi", "pulumi-language-python", "opa"), doctor.BOOTSTRAP)


def test_json_carries_the_checks_and_the_exit_code_says_if_all_is_well(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for ok, code in ((True, 0), (False, 5)):
        monkeypatch.setattr(
            doctor, "diagnose", lambda ok=ok, **_: [Check("git", "any", "2", ok, "" if ok else "Install git")]
        )
        assert doctor.doctor(True, False) == code
        assert json.loads(capsys.readouterr().out)["ok"] is ok
    doctor.doctor(False, False)
    assert "Install git" in capsys.readouterr().out

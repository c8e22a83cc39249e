"""The local target as a user meets it: stood up, broken in every way we know, healed and taken away."""

import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest

from components.local import processes
from policies.gate import record
from tests.rig import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

KILLS = int(os.environ.get("FALAJ_KILLS", "3"))
"""How often `falaj up` is killed at a random moment."""
LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


def ask(result: dict[str, Any]) -> dict[str, Any] | None:
    body = json.dumps(result["example"]["body"]).encode()
    request = urllib.request.Request(result["example"]["url"], body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except (OSError, http.client.HTTPException, urllib.error.URLError):
        return None


@pytest.fixture(scope="module")
def served(platform: Platform) -> dict[str, Any]:
    return platform.json("run", "employment")


def test_everything_listens_on_loopback_only(platform: Platform, served: dict[str, Any]) -> None:
    assert platform.json("status")["ok"]
    assert ask(served)
    own = {process.pid for process in platform.own_processes()}
    listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.pid in own]
    assert {c.laddr.port for c in listening} >= set(platform.ports.values())
    assert {c.laddr.ip for c in listening} <= LOOPBACK


def test_state_is_private(platform: Platform) -> None:
    for path in (platform.home, platform.home / "local", processes.runtime(platform.supervisor)):
        assert path.stat().st_mode & 0o077 == 0
    for secret in ("passphrase", "local/decision/token", "local/ray/token", "local/keys/key_ring.json"):
        assert (platform.home / secret).stat().st_mode & 0o777 == 0o600


def test_second_up_changes_nothing(platform: Platform) -> None:
    assert platform.json("up", "local")["changes"] == {}


def test_model_answers_with_its_digest(platform: Platform, served: dict[str, Any]) -> None:
    answer = ask(served)
    assert answer is not None
    assert answer["model"] == served["model"]
    assert 0 <= answer["probability"] <= 1


def test_model_is_as_good_as_promised(served: dict[str, Any]) -> None:
    assert served["card"]["evaluation"]["accuracy"] >= 0.82
    assert set(served["card"]["fairness"]) == {"sex", "race"}
    assert served["data"]["rows"]["without_consent"] > 0
    assert served["consent"]["purpose"] == "synthetic:employment_research"


def test_second_run_keeps_the_model(platform: Platform, served: dict[str, Any]) -> None:
    again = platform.json("run", "employment")
    assert again["model"] == served["model"]
    assert again["seconds"] < 20


def test_nothing_is_stored_in_the_clear(platform: Platform, served: dict[str, Any]) -> None:
    telling = (b"PAR1", b"safetensors", b"RAC1P", b"employed", b"weight", b"BEGIN EC PRIVATE", b"BEGIN PRIVATE")
    files = [file for file in (platform.home / "local" / "store").rglob("*") if file.is_file()]
    assert len(files) > 5
    for file in files:
        content = file.read_bytes()
        assert not [word for word in telling if word in content], file


def test_one_flipped_byte_is_refused(platform: Platform, served: dict[str, Any]) -> None:
    objects = platform.home / "local" / "store" / "objects"
    of_model = [file for file in objects.iterdir() if served["model"].removeprefix("sha256:") in file.name]
    assert of_model
    for file in of_model:
        content = bytearray(file.read_bytes())
        content[random.randrange(len(content))] ^= 1
        right = file.read_bytes()
        file.write_bytes(content)
        try:
            error = platform.json("run", "employment", exit_code=7)["error"]
        finally:
            file.write_bytes(right)
        assert error["code"] in {"FALAJ-STO-004", "FALAJ-STO-006"}, file.name
    assert platform.json("run", "employment")["model"] == served["model"]


def test_decisions_are_recorded_and_chained(platform: Platform, served: dict[str, Any]) -> None:
    log = platform.home / "gate" / "decisions.jsonl"
    assert record.verify(log)
    gates = {json.loads(line)["record"]["gate"] for line in log.read_text().splitlines()}
    assert gates >= {"resource", "stack", "plan", "release"}


def test_bad_request_is_one_clear_answer(platform: Platform, served: dict[str, Any]) -> None:
    request = urllib.request.Request(served["example"]["url"], b'{"nonsense": 1}', {"Content-Type": "application/json"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 422


def test_killed_servers_are_drift_and_up_heals(platform: Platform, served: dict[str, Any]) -> None:
    for server in ("ray", "tracking", "decision"):
        os.kill(platform.pid(server), signal.SIGKILL)
    time.sleep(2)
    refreshed = platform.pulumi("refresh", "--yes", "--skip-preview")
    drifted = [line for line in refreshed.stdout.splitlines() if "[diff: ~status]" in line]
    assert {name for name in ("local-ray", "local-tracking", "local-decision") for line in drifted if name in line} == {
        "local-ray",
        "local-tracking",
        "local-decision",
    }, refreshed.stdout + refreshed.stderr
    assert platform.json("up", "local")["changes"] == {"update": 3}
    assert platform.json("up", "local")["changes"] == {}
    assert platform.json("run", "employment")["model"] == served["model"]
    assert ask(served) is not None


@pytest.mark.long
def test_killed_supervisor_is_drift_and_up_heals(platform: Platform) -> None:
    pid = int((platform.supervisor / "supervisord.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    assert platform.json("up", "local")["changes"]["update"] == 4
    assert platform.json("status", exit_code=None)["servers"][0]["status"] == "running"


@pytest.mark.parametrize(
    ("section", "change", "rule"),
    [
        ("ray", {"bind": "0.0.0.0"}, "LOC-001"),
        ("decision", {"auth": "none"}, "LOC-002"),
        ("ray", {"auth": "none"}, "LOC-002"),
        ("store", {"encryption": "none"}, "LOC-003"),
        ("telemetry", {"telemetry": True}, "LOC-004"),
    ],
)
def test_unsafe_settings_are_denied_before_anything_starts(
    fresh: Platform, section: str, change: dict[str, Any], rule: str
) -> None:
    fresh.edit(section, **change)
    error = fresh.json("up", "local", exit_code=4)["error"]
    assert error["code"] == "FALAJ-GATE-001"
    assert rule in error["problem"]
    assert not fresh.own_processes()
    assert not (fresh.home / "local" / "store").exists()


def test_no_gate_no_change(fresh: Platform, tmp_path: Path) -> None:
    """Without a policy engine nothing is applied."""
    blind = tmp_path / "opa"
    blind.write_text("#!/bin/sh\nexit 1\n")
    blind.chmod(0o755)
    os.environ["FALAJ_OPA"] = str(blind)
    try:
        error = fresh.json("up", "local", exit_code=None)["error"]
    finally:
        del os.environ["FALAJ_OPA"]
    assert error["code"].startswith("FALAJ-GATE-")
    assert not fresh.own_processes()


def test_bare_pulumi_outside_dev_is_stopped(fresh: Platform) -> None:
    fresh.edit("profile", profile="prod")
    environment = fresh.json("env", "local")
    assert environment.pop("PULUMI_OPTION_POLICY_PACK")
    os.environ["PULUMI_OPTION_POLICY_PACK"] = ""
    try:
        done = subprocess.run(
            ["pulumi", "--non-interactive", "up", "--yes", "--skip-preview"],
            env={**fresh.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        del os.environ["PULUMI_OPTION_POLICY_PACK"]
    assert done.returncode != 0
    assert "FALAJ-GATE-" in done.stdout + done.stderr
    assert not fresh.own_processes()


def test_taken_port(fresh: Platform) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", fresh.ports["tracking"]))
        taken.listen()
        error = fresh.json("up", "local", exit_code=6)["error"]
    assert error["code"] == "FALAJ-LOC-001"
    assert str(fresh.ports["tracking"]) in error["problem"]
    assert f"pid {os.getpid()}" in error["problem"]
    assert not fresh.own_processes()


def test_two_ups_at_once(platform: Platform) -> None:
    first = platform.start("up", "local")
    try:
        time.sleep(1.5)
        error = platform.json("up", "local", exit_code=6)["error"]
        assert error["code"] == "FALAJ-RUN-001"
        assert str(first.pid) in error["problem"]
    finally:
        assert first.wait(120) == 0


def test_wrong_passphrase(platform: Platform) -> None:
    file = platform.home / "passphrase"
    right = file.read_text()
    file.write_text("not the one")
    try:
        error = platform.json("up", "local", exit_code=7)["error"]
    finally:
        file.write_text(right)
    assert error["code"] == "FALAJ-CFG-007"
    file.rename(file.with_suffix(".away"))
    try:
        assert platform.json("up", "local", exit_code=7)["error"]["code"] == "FALAJ-CFG-007"
        assert not file.exists(), "no new one is made for a stack that has one"
    finally:
        file.with_suffix(".away").rename(file)
    assert platform.json("up", "local")["changes"] == {}


@pytest.mark.long
def test_killed_up_recovers(fresh: Platform) -> None:
    """`kill -9` of `falaj up` at random moments: the next `up` recovers, and nothing is left behind."""
    chance = random.Random()
    for _ in range(KILLS):
        moment = chance.uniform(0.3, 30)
        run = fresh.start("up", "local")
        time.sleep(moment)
        run.kill()
        run.wait()
        fresh.falaj("up", "local")
        assert fresh.json("status")["ok"], f"killed after {moment:.1f} s"
        fresh.falaj("down", "local")
        assert not fresh.own_processes(), f"killed after {moment:.1f} s"


def test_down_leaves_nothing(fresh: Platform) -> None:
    sockets = processes.runtime(fresh.supervisor)
    shutil.rmtree(sockets)
    before = {path.name for path in Path(tempfile.gettempdir()).iterdir()}
    fresh.falaj("up", "local")
    assert fresh.own_processes()
    assert sockets.exists()
    assert fresh.pulumi("destroy", "--yes", "--skip-preview").returncode == 0
    assert not fresh.own_processes()
    assert platform_error(fresh) == "FALAJ-RUN-003"
    fresh.falaj("down", "local")
    assert not fresh.own_processes()
    assert not sockets.exists()
    assert {path.name for path in Path(tempfile.gettempdir()).iterdir()} - before == set()
    assert not (fresh.home / "local").exists()
    open_ports = {c.laddr.port for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
    assert not open_ports & set(fresh.ports.values())
    assert platform_error(fresh) == "FALAJ-RUN-003"
    fresh.falaj("down", "local")


def platform_error(platform: Platform) -> str:
    return platform.json("status", exit_code=5)["error"]["code"]

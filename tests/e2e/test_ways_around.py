"""Ways around the gate that somebody might try on a stack outside dev, and what comes of each."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.backend import engine_of
from infra.home import PROJECT
from policies.gate import record
from tests.policies.conftest import People
from tests.rig import Platform, make_platform

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
CANARY = "canary-f00d-5ecret"


@pytest.fixture
def prod(fresh: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Platform, People]:
    """A stack of the prod profile, and people who may sign."""
    fresh.edit("profile", profile="prod")
    monkeypatch.setenv("FALAJ_WAIVERS", str(tmp_path / "waivers"))
    monkeypatch.setenv("FALAJ_AUTHOR", "me@x.ae")
    return fresh, People(tmp_path / "waivers")


def pulumi(platform: Platform, *arguments: str, **changed: str) -> "subprocess.CompletedProcess[str]":
    environment = {**platform.environment, **platform.json("env", "local"), **changed}
    command = ["pulumi", "--non-interactive", "--color=never", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


def test_no_way_to_apply_what_nobody_allowed(prod: tuple[Platform, People], tmp_path: Path) -> None:
    platform, _ = prod
    levels = tmp_path / "levels.json"
    levels.write_text('{"all": "disabled"}')
    empty = tmp_path / "pack"
    empty.mkdir()
    (empty / "PulumiPolicy.yaml").write_text("runtime: falaj\n")
    up = ("up", "--yes")
    ways: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
        "no pack": (up, {"PULUMI_OPTION_POLICY_PACK": ""}, "FALAJ-GATE-016"),
        "no pack, no preview": ((*up, "--skip-preview"), {"PULUMI_OPTION_POLICY_PACK": ""}, "FALAJ-GATE-016"),
        "no preview": ((*up, "--skip-preview"), {}, "FALAJ-GATE-024"),
        "no plan, only an engine's preview": (up, {}, "FALAJ-GATE-024"),
        "the levels configured away": (
            (*up, "--policy-pack", str(PROJECT / "policies"), "--policy-pack-config", str(levels)),
            {"PULUMI_OPTION_POLICY_PACK": ""},
            "does not support config",  # the engine says so itself, because the pack does
        ),
        "dev on the command line": ((*up, "--config", "falaj:profile=dev"), {}, "FALAJ-CFG-008"),
        "an OPA of one's own": (up, {"OPA_URL": "http://127.0.0.1:9"}, "FALAJ-GATE-005"),
        "an opa that says yes": (up, {"FALAJ_OPA": "/bin/true"}, "FALAJ-GATE-0"),
        "one resource only": ((*up, "--skip-preview", "--target", "**KeyRing**"), {}, "FALAJ-GATE-024"),
    }
    for name, (arguments, environment, text) in ways.items():
        done = pulumi(platform, *arguments, **environment)
        said = done.stdout + done.stderr
        assert done.returncode != 0, name
        assert text in said, f"{name}: {said[-3000:]}"
        assert not platform.own_processes(), name
        assert not (platform.home / "local" / "store").exists(), name


@pytest.mark.long
def test_a_prod_stack_is_planned_applied_and_destroyed_by_four_eyes(prod: tuple[Platform, People]) -> None:
    platform, people = prod
    platform.falaj("up", "local")
    assert platform.json("up", "local")["changes"] == {}
    bare = pulumi(platform, "destroy", "--yes", "--skip-preview")
    assert bare.returncode != 0, "what holds data is protected from an engine that no gate watches"
    assert "protect" in bare.stdout + bare.stderr
    assert platform.json("status")["ok"]
    refused = platform.json("destroy", "local", exit_code=4)["error"]
    assert "DEL-002" in refused["problem"]
    decisions = platform.json("gate", "log")["decisions"]
    plan = decisions[-1]["plan"]
    for who, left in (("risk@x.ae", 4), ("sec@x.ae", 0)):
        platform.falaj("gate", "approve", plan, "--as", who, "--key", str(people.key(who)))
        platform.falaj("destroy", "local", exit_code=left)
    assert not platform.own_processes()
    assert platform.json("gate", "verify-log")["ok"]


def test_a_secret_is_in_no_output_record_report_or_log(fresh: Platform, tmp_path: Path, monkeypatch: Any) -> None:
    """Planted in the configuration, in inputs and in a waiver."""
    monkeypatch.setenv("FALAJ_WAIVERS", str(tmp_path / "waivers"))
    people = People(tmp_path / "waivers")
    people.waive(
        "LOC-006", "urn:pulumi:local::falaj::a::b", "sha256:" + "0" * 64, reason=CANARY, compensating_control=CANARY
    )
    shown = [fresh.falaj("review", "local", "--reports", str(tmp_path / "reports"), exit_code=None)]
    config = Path(fresh.json("env", "local")["PULUMI_OPTION_CONFIG_FILE"])
    setting = pulumi(
        fresh, "config", "set", "--secret", "falaj:ray.bind", CANARY, "--path", "--config-file", str(config)
    )
    assert setting.returncode == 0, setting.stderr
    shown += [pulumi(fresh, "preview"), pulumi(fresh, "preview", "--json")]
    shown += [fresh.falaj("gate", "report", "--format", form) for form in ("markdown", "sarif", "junit", "html")]
    shown += [fresh.falaj("gate", "log"), fresh.falaj("gate", "replay", exit_code=None)]
    assert CANARY not in "".join(done.stdout + done.stderr for done in shown)
    kept = [fresh.home / "gate", tmp_path / "reports", fresh.home / "local" / "logs"]
    files = [file for folder in kept if folder.exists() for file in folder.rglob("*") if file.is_file()]
    assert len(files) > 10
    assert not [file for file in files if CANARY.encode() in file.read_bytes()]
    assert record.verify(fresh.home / "gate" / "decisions.jsonl").records > 2


def test_nothing_is_taken_away_of_another_cluster_than_the_gate_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform, kubeconfig, stack = make_platform(tmp_path), tmp_path / "kubeconfig", "uae-onprem"
    document = yaml.safe_load((PROJECT / "stacks" / f"Pulumi.{stack}.yaml").read_text())
    config = document["config"]
    del config["falaj:state"]  # it is on this machine
    config["falaj:profile"] = "dev"
    config["falaj:cluster"]["kubeconfig"] = str(kubeconfig)
    (platform.stacks / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(document))
    for name, value in platform.environment.items():
        monkeypatch.setenv(name, value)
    engine_of(stack).prepare()
    for server, left in (("https://api.example.com", 3), (config["falaj:cluster"]["server"], 0)):
        led = {"contexts": [{"name": "dc1", "context": {"cluster": "c"}}]}
        kubeconfig.write_text(yaml.safe_dump({**led, "clusters": [{"name": "c", "cluster": {"server": server}}]}))
        said = platform.json("destroy", stack, "--yes", exit_code=left)
        assert said["ok"] or said["error"]["code"] == "FALAJ-CFG-031"
        assert engine_of(stack).exists() == bool(left)

"""`falaj plan` and `falaj destroy --show` as a user calls them, on the stack of this machine."""

import json
from pathlib import Path

import pytest

from infra.errors import Exit
from infra.home import PROJECT
from tests.rig import make_platform

pytestmark = pytest.mark.e2e


def test_a_plan_is_judged_and_written_and_nothing_is_stood_up(tmp_path: Path) -> None:
    platform = make_platform(tmp_path)
    tracked = {file: file.read_bytes() for file in PROJECT.joinpath("stacks").glob("*.yaml")}
    document = platform.json("plan", "local", "--out", str(tmp_path / "out"))
    assert document["operations"] == {"create": document["resources"]}
    assert document["components"][0]["resources"]["falaj:local.KeyRing"] == 1
    assert document["decision"]["verdict"] == "allow"
    log = (platform.home / "gate" / "decisions.jsonl").read_text().splitlines()
    assert [json.loads(line)["record"]["decision_id"] for line in log] == [document["decision"]["decision_id"]]
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        f"plan-local.{kind}" for kind in ("json", "html", "txt")
    }
    assert "<script" not in (tmp_path / "out" / "plan-local.html").read_text()
    assert platform.home.stat().st_mode & 0o777 == 0o700
    assert not (platform.home / "state").exists()
    assert not (platform.home / "local").exists()
    assert {file: file.read_bytes() for file in tracked} == tracked
    platform.edit("ray", auth="none")
    denied = platform.falaj("plan", "local", "--html", str(tmp_path / "denied.html"), exit_code=Exit.DENIED)
    assert "gate: denied" in denied.stdout
    assert "denied" in (tmp_path / "denied.html").read_text()

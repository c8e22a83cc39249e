"""The parts of the set-up whose outside cannot be had in a test: the real index, a full disk, a compiler's failures."""

import hashlib
import platform
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from infra.errors import FalajError
from infra.toolchain import CHECKS, GO, TOOLS, UV, new_enough
from tests.tools.rig import write_project, write_wheel
from tools.steps import index as package_index
from tools.steps import process
from tools.steps.files import room

SYSTEM = "macosx_11_0" if sys.platform == "darwin" else "manylinux_2_17"


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL", "PIP_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def pin(folder: Path, content: bytes) -> Path:
    file = folder / "requirements.txt"
    file.write_text(f"uv==9.9 --hash=sha256:{hashlib.sha256(content).hexdigest()}\n")
    return file


def test_without_pip_the_wheel_for_this_machine_is_fetched_from_the_index_pip_is_told_of(
    index: Path, served: str, tmp_path: Path
) -> None:
    project = write_project(tmp_path / "project")
    wheel = write_wheel(index / f"uv/uv-9.9-py3-none-{SYSTEM}_{platform.machine().lower()}.whl", {"uv": "1"})
    write_wheel(index / "uv/uv-9.9-py3-none-win_amd64.whl", {"uv": "1"})
    (tmp_path / "config/pip").mkdir(parents=True)
    (tmp_path / "config/pip/pip.conf").write_text(f"[global]\nindex-url = {served}\n")
    there = package_index.download("uv", pin(tmp_path, wheel.read_bytes()), project, tmp_path)
    assert there.read_bytes() == wheel.read_bytes()


def test_what_the_index_serves_must_be_what_is_pinned(
    index: Path, served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write_project(tmp_path / "project")
    wheel = write_wheel(index / f"uv/uv-9.9-py3-none-{SYSTEM}_{platform.machine().lower()}.whl", {"uv": "1"})
    pins = pin(tmp_path, wheel.read_bytes())
    wheel.write_bytes(b"other")
    monkeypatch.setenv("PIP_INDEX_URL", served)
    with pytest.raises(FalajError, match="TOOL-004"):
        package_index.download("uv", pins, project, tmp_path)
    wheel.unlink()
    with pytest.raises(FalajError, match=r"TOOL-003 .*/uv/: it lists 0 files"):
        package_index.download("uv", pins, project, tmp_path)
    with pytest.raises(FalajError, match=r"TOOL-003 .*/absent/: it answers 404"):
        package_index.download("absent", pins, project, tmp_path)


@pytest.mark.parametrize("address", ["http://someone:hidden@127.0.0.1:9/simple", "file:///etc"])
def test_an_index_that_cannot_be_asked_is_named_without_its_login(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", address)
    with pytest.raises(FalajError, match="TOOL-002") as caught:
        package_index.download("uv", pin(tmp_path, b""), write_project(tmp_path / "project"), tmp_path)
    assert "hidden" not in str(caught.value)


def test_too_little_room_is_said_before_anything_is_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2 << 30))
    with pytest.raises(FalajError, match=r"TOOL-006 .*: 2\.0 GiB are free, building pulumi needs 5\.0 GiB"):
        room(tmp_path / "not/yet", 5, "building pulumi")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("write /cache/x: no space left on device", "TOOL-006"),
        ("error: Failed to write: No space left on device (os error 28)", "TOOL-006"),
        ("verifying example.test/x@v1.0.0: checksum mismatch", "TOOL-004"),
        ("error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided.", "TOOL-007"),
        ("go: example.test/x@v1.0.0: reading http://proxy/x.info: 410 Gone", "TOOL-003"),
        ("HTTP status client error (403 Forbidden) for url (http://index/torch/)", "TOOL-003"),
        ("Get http://proxy/x.zip: dial tcp 127.0.0.1:9: connect: connection refused", "TOOL-002"),
        ("go: module lookup disabled by GOPROXY=off", "TOOL-002"),
        ("invalid peer certificate: UnknownIssuer", "TOOL-010"),
        ("open /cache/x: permission denied", "TOOL-005"),
        ("main.go:3:15: undefined: leak", "TOOL-008"),
        ("go: example.test/x: git ls-remote https://someone:hidden@host/x: exit status 128", "TOOL-008"),
    ],
)
def test_what_uv_and_go_say_becomes_one_clear_error(said: str, code: str) -> None:
    error = process.explain("tools/x", "go build", 1, ["start", said, "exit status 1" if code != "TOOL-008" else said])
    assert error.code == code
    assert "hidden" not in str(error)
    assert "\n" not in str(error)


def test_versions_are_compared_as_numbers() -> None:
    assert new_enough("3.232.0", "3.99")
    assert new_enough("1.27", "1.26.0")
    assert new_enough("1.26", "1.26.0")
    assert not new_enough("1.9.10", "1.26")
    assert not new_enough("", "0.1")


def test_every_tool_is_pinned() -> None:
    for tool in (UV, GO, *TOOLS, *CHECKS):
        assert new_enough(tool.version, tool.minimum)

"""`tools/bootstrap` run for real on a small project: built once, mended when damaged, resumed when killed."""

import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from infra.home import PROJECT
from infra.toolchain import SUMS
from tests.tools.rig import NOWHERE, Rig, program, write_project, write_wheel

DROP = {
    "drop.py": "",
    "drop-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: drop\nVersion: 1\n",
    "drop-1.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "drop-1.dist-info/RECORD": "drop.py,,\n",
}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Rig:
    """Shared by the tests that need no cache of their own, so that Go's standard library is compiled once."""
    folder = tmp_path_factory.mktemp("setup")
    return Rig(write_project(folder / "project"), folder / "cache")


@pytest.fixture
def fresh(tmp_path: Path) -> Rig:
    return Rig(write_project(tmp_path / "project"), tmp_path / "cache")


def test_builds_once_and_then_does_nothing(rig: Rig) -> None:
    tool = rig.tool(scripts=("helper",))
    first = rig.setup(tool)
    assert first.returncode == 0, first.stderr
    assert "droplet: building 1.2.3" in first.stderr
    assert subprocess.check_output([rig.link(tool)], text=True) == "v1.2.3\n"
    assert os.access(rig.project / ".venv/bin/helper", os.X_OK)
    begun = time.monotonic()
    second = rig.setup(tool)
    assert (second.returncode, second.stderr) == (0, "")
    assert time.monotonic() - begun < 5  # a tenth of it on a machine that has nothing else to do


def test_a_damaged_program_is_built_again_and_that_is_said(rig: Rig) -> None:
    tool = rig.tool("damaged")
    assert rig.setup(tool).returncode == 0
    binary = rig.link(tool).resolve()
    whole = binary.read_bytes()
    binary.write_bytes(whole[:-1] + b"?")
    again = rig.setup(tool)
    assert again.returncode == 0, again.stderr
    assert "SHA-256 is" in again.stderr
    assert "building it again" in again.stderr
    assert rig.link(tool).read_bytes() == whole  # the build is reproducible


def test_other_pins_are_another_folder(rig: Rig) -> None:
    tool = rig.tool("pinned")
    assert rig.setup(tool).returncode == 0
    before = rig.link(tool).resolve()
    pins = Path(str(tool["pins"])) / "go.mod"
    pins.write_text(pins.read_text().replace("v1.2.3", "v1.2.4"))
    assert rig.setup(tool).returncode == 0
    assert rig.link(tool).resolve() != before
    assert "1.2.4" in str(rig.link(tool).resolve())


@pytest.mark.e2e
def test_killed_in_the_middle_it_leaves_no_compiler_and_the_next_run_ends_the_work(fresh: Rig) -> None:
    tool = fresh.tool()
    killed = fresh.start(tool)
    draft = fresh.cache / "tools"
    until = time.monotonic() + 60
    while not [file for file in (fresh.cache / "build/compiled").glob("*/*") if file.is_file()][8:]:
        assert time.monotonic() < until
        assert killed.poll() is None
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    time.sleep(1)
    mine = [p for p in psutil.process_iter() if str(fresh.cache) in str(_environment(p).get("GOCACHE"))]
    assert not [p for p in mine if p.name() == "go"]
    assert not list(draft.glob(f"*/{SUMS}"))
    again = fresh.setup(tool)
    assert again.returncode == 0, again.stderr
    assert [folder.name[0] for folder in draft.iterdir()] == ["d"]  # no draft is left
    assert fresh.link(tool).exists()


@pytest.mark.e2e
def test_of_two_at_once_the_second_waits_and_uses_what_the_first_built(fresh: Rig) -> None:
    tool = fresh.tool()
    assert fresh.setup().returncode == 0
    both = [fresh.start(tool), fresh.start(tool)]
    said = [process.communicate(timeout=240)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("droplet: building" in text for text in said) == 1
    assert sum("another set-up is building it, waiting" in text for text in said) == 1


@pytest.mark.e2e
def test_the_compilers_cache_goes_when_all_is_built(fresh: Rig) -> None:
    assert fresh.setup(fresh.tool(), keep=False).returncode == 0
    assert sorted(folder.name for folder in fresh.cache.iterdir()) == ["locks", "tools"]


@pytest.mark.parametrize(("says", "used"), [("v1.10.0", True), ("v0.9.9", False), ("nothing", False)])
def test_a_program_on_path_is_used_when_new_enough(rig: Rig, tmp_path: Path, says: str, used: bool) -> None:
    tool = rig.tool("brook")
    own = program(tmp_path / "brook", says)
    done = rig.setup(tool, PATH=f"{tmp_path}:{rig.command((), True, {})[1]['PATH']}")
    assert done.returncode == 0, done.stderr
    assert (rig.link(tool).readlink() == own) is used


def test_a_program_on_path_without_its_companion_is_not_used(rig: Rig, tmp_path: Path) -> None:
    whole = rig.tool("spring", companions=("spring-host",))
    part = rig.tool("spring-host", part_of="spring")
    program(tmp_path / "spring", "v2.0")
    path = f"{tmp_path}:{rig.command((), True, {})[1]['PATH']}"
    assert rig.setup(whole, part, PATH=path).returncode == 0
    assert rig.link(part).exists()
    assert rig.link(whole).resolve().is_relative_to(rig.cache)
    program(tmp_path / "spring-host", "v2.0")
    assert rig.setup(whole, part, PATH=path).returncode == 0
    assert rig.link(whole).readlink() == tmp_path / "spring"
    assert not rig.link(part).is_symlink()  # its own companion is found beside it


def test_without_a_module_proxy_it_says_so(rig: Rig) -> None:
    tool = rig.tool("remote")
    pins = Path(str(tool["pins"])) / "go.mod"
    pins.write_text("module example.test/tools\n\ngo 1.26\n\nrequire example.test/drop v1.2.3\n")
    (pins.parent / "go.sum").write_text(
        f"example.test/drop v1.2.3 h1:{'A' * 43}=\nexample.test/drop v1.2.3/go.mod h1:{'A' * 43}=\n"
    )
    assert_error(rig, tool, code="FALAJ-TOOL-002 tools/remote", exit_code=5)
    assert_error(rig, tool, code="FALAJ-TOOL-002 tools/remote", exit_code=5, GOPROXY="http://127.0.0.1:9")


def test_a_go_mod_that_was_changed_without_its_sums_is_named(rig: Rig) -> None:
    tool = rig.tool("unsummed")
    (Path(str(tool["pins"])) / "go.mod").write_text("module t\n\ngo 1.26\n\nrequire example.test/drop v1.2.3\n")
    assert_error(rig, tool, code="FALAJ-TOOL-007 tools/unsummed", exit_code=3)


def test_a_failing_compiler_is_quoted(rig: Rig) -> None:
    tool = rig.tool("broken")
    (Path(str(tool["pins"])) / "drop/main.go").write_text("package main\n\nfunc main() { leak() }\n")
    said = assert_error(rig, tool, code="FALAJ-TOOL-008 tools/broken", exit_code=1)
    assert "undefined: leak" in said


def test_a_cache_that_cannot_be_written_is_named(rig: Rig) -> None:
    said = assert_error(
        rig, rig.tool(), code="FALAJ-TOOL-005 /dev/null/cache", exit_code=5, FALAJ_CACHE="/dev/null/cache"
    )
    assert "FALAJ_CACHE" in said


def test_a_lock_that_is_out_of_date_is_named(fresh: Rig) -> None:
    file = fresh.project / "pyproject.toml"
    file.write_text(file.read_text().replace('version = "1"', 'version = "2"'))
    assert_error(fresh, code="FALAJ-TOOL-007 uv.lock", exit_code=3)


def test_without_a_package_index_it_says_so_and_another_one_serves(tmp_path: Path, index: Path, served: str) -> None:
    wheel = write_wheel(index / "drop/drop-1-py3-none-any.whl", DROP)
    rig = Rig(write_project(tmp_path / "project", wheel), tmp_path / "cache")
    own = {"UV_CACHE_DIR": str(tmp_path / "uv")}
    said = assert_error(
        rig, code="FALAJ-TOOL-002 uv.lock", exit_code=5, UV_DEFAULT_INDEX=NOWHERE, UV_HTTP_RETRIES="0", **own
    )
    assert "127.0.0.1:9" in said
    done = rig.setup(UV_DEFAULT_INDEX=served, **own)
    assert done.returncode == 0, done.stderr
    assert (rig.project / ".venv/lib/python3.11/site-packages/drop.py").exists()


def test_a_package_a_killed_installer_left_half_there_is_installed_again(
    tmp_path: Path, index: Path, served: str
) -> None:
    wheel = write_wheel(index / "drop/drop-1-py3-none-any.whl", DROP)
    rig = Rig(write_project(tmp_path / "project", wheel), tmp_path / "cache")
    told = {"UV_DEFAULT_INDEX": served, "UV_CACHE_DIR": str(tmp_path / "uv")}
    assert rig.setup(**told).returncode == 0
    packages = rig.project / ".venv/lib/python3.11/site-packages"
    (packages / "drop.py").unlink()
    (packages / "drop-1.dist-info/INSTALLER").unlink()
    stamp = rig.project / ".venv/falaj-setup.json"
    stamp.write_text(stamp.read_text().replace('"key": "', '"key": "unfinished'))
    assert rig.setup(**told).returncode == 0
    assert (packages / "drop.py").exists()


def test_another_python_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit, match=r"^FALAJ-TOOL-009 .* Python 3\.9, .* 3\.11\. Install Python 3\.11"):
        runpy.run_path(str(PROJECT / "tools/bootstrap"), run_name="__main__")


def assert_error(rig: Rig, *tools: dict[str, object], code: str, exit_code: int, **environment: str) -> str:
    """The set-up fails with that code, place and exit, in one line after its progress."""
    done = rig.setup(*tools, **environment)
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"{code}: "), done.stderr
    assert done.returncode == exit_code
    assert "Traceback" not in done.stderr
    return last


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except psutil.Error:
        return {}

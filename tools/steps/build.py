"""The pinned Go modules, built once into the cache."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from infra.errors import FalajError
from infra.toolchain import Found, GoTool, Tool, cache, in_cache, seal
from tools.steps.files import alone, remove, room, together, whole
from tools.steps.process import follow
from tools.steps.progress import Progress

FLAGS = "-mod=readonly -trimpath -buildvcs=false -modcacherw"
ROOM = 5.0
"""GiB the modules and the compiler's cache take while all tools are built."""


def build(tool: GoTool, go: Path, progress: Progress, keep: bool) -> None:
    """Build `tool` unless another run just did. The compiler's cache outlives a killed run, so the next one resumes."""
    with alone(tool.folder.name, lambda: progress.say(f"{tool.name}: another set-up is building it, waiting")):
        if ours(tool, progress) is not None:
            return
        with together("build") as last:
            room(_scratch(), ROOM if not _scratch().exists() else 0.5, f"building {tool.name}")
            with progress.step(tool.name, f"building {tool.version}") as state, whole(tool.folder) as draft:
                _compile(tool, go, draft, state)
                scripts = _scripts(tool, go, draft)
                seal(draft, [*tool.programs, *scripts])
            if not keep and last():
                remove(_scratch())


def ours(tool: Tool, progress: Progress) -> Found | None:
    """Our copy, if it is there and whole; a damaged one counts as missing, and that is said."""
    try:
        return in_cache(tool)
    except FalajError as error:
        progress.say(f"{tool.name}: {error.place}: {error.problem}; building it again")
        return None


def _compile(tool: GoTool, go: Path, draft: Path, state: Callable[[str], None]) -> None:
    modules, packages = 0, 0

    def line(text: str) -> None:
        nonlocal modules, packages
        modules += text.startswith("go: downloading ")
        packages += "/" in text and " " not in text
        state(f"{packages} packages compiled" if packages else f"{modules} modules fetched")

    target = f"{draft}/" if tool.others else draft / tool.name  # of several, go names each by its package
    flags = ["-v", "-tags", tool.tags, "-ldflags", tool.ldflags.format(version=tool.version), "-o", target]
    follow(
        [go, "build", *flags, tool.package, *tool.others], f"tools/{tool.pins.name}", line, tool.pins, _environment()
    )


def _scripts(tool: GoTool, go: Path, draft: Path) -> list[str]:
    """Copy the scripts of the tool's module beside it; their names."""
    if not tool.scripts:
        return []
    asking = [go, "list", "-m", "-f", "{{.Dir}}", tool.module]
    module = follow(asking, f"tools/{tool.pins.name}", lambda _: None, tool.pins, _environment()).splitlines()[-1]
    for script in tool.scripts:
        target = draft / Path(script).name
        shutil.copyfile(Path(module) / script, target)
        target.chmod(0o755)
    return [Path(script).name for script in tool.scripts]


def _scratch() -> Path:
    return cache() / "build"


def _temporary() -> Path:
    path = _scratch() / "tmp"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _environment() -> dict[str, str]:
    """Go's environment: everything it writes lies in the cache; the user's own Go settings (GOPROXY, …) still count."""
    configuration = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return {
        **os.environ,
        "CGO_ENABLED": "0",
        "GOFLAGS": FLAGS,
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GO111MODULE": "on",
        "GOENV": os.environ.get("GOENV") or str(configuration / "go/env"),
        "GOPATH": str(_scratch() / "path"),
        "GOMODCACHE": str(_scratch() / "modules"),
        "GOCACHE": str(_scratch() / "compiled"),
        "GOTMPDIR": str(_temporary()),
        "XDG_CONFIG_HOME": str(_scratch() / "settings"),  # Go's telemetry counters
    }

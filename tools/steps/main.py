"""`tools/bootstrap`: the Python packages and the tools, side by side, each only if it is missing."""

import argparse
import errno
import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

from infra.errors import Exit, FalajError
from infra.home import PROJECT
from infra.toolchain import GROUPS, TOOLS, VALKEY, Found, GoTool, Tool, cache, choose
from tools.steps import environment, process
from tools.steps.build import build, ours
from tools.steps.files import writable
from tools.steps.progress import Progress
from tools.steps.wheels import get_go, get_uv, get_valkey

EXTRAS = ("workloads", "clouds", "dev", "bench")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, or that of the error it printed."""
    parser = argparse.ArgumentParser(prog="tools/bootstrap", description=__doc__)
    parser.add_argument("--extra", action="append", choices=EXTRAS, default=[], help="Python packages besides the base")
    for group, (what, _) in GROUPS.items():
        parser.add_argument(f"--{group}", action="store_true", help=what)
    parser.add_argument("--keep-build-cache", action="store_true", help="keep what the Go compiler made on the way")
    parser.add_argument("--verbose", action="store_true", help="print all that uv and go print")
    options = parser.parse_args(arguments)
    process.verbose = options.verbose
    asked = [tool for group, (_, tools) in GROUPS.items() if getattr(options, group) for tool in tools]
    return run(PROJECT, set(options.extra), [*TOOLS, *asked], keep=options.keep_build_cache)


def run(project: Path, extras: set[str], tools: Sequence[Tool], *, keep: bool = False) -> int:
    """Set `project` up and link `tools` into its .venv/bin."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Progress() as progress:
            _guarded(lambda: setup(project, extras, tools, progress, keep))
    except FalajError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return error.entry.exit
    except KeyboardInterrupt:
        print("Stopped. What is done is kept; run it again to go on.", file=sys.stderr)  # noqa: T201
        return 130
    return Exit.OK


def setup(project: Path, extras: set[str], tools: Sequence[Tool], progress: Progress, keep: bool = False) -> None:
    """As `run`, raising FalajError."""
    writable(cache())
    bin_folder = project / ".venv/bin"
    lacking = [tool for tool, found in _chosen(tools, bin_folder, progress) if found is None]
    steps: list[Callable[[], object]] = []
    if environment.missing(project, extras) is not None:
        uv = get_uv(project, progress)
        steps.append(lambda: environment.synchronise(project, extras, uv, progress))
    if VALKEY in lacking:
        steps.append(lambda: get_valkey(project, progress))
    if modules := [tool for tool in lacking if isinstance(tool, GoTool)]:
        go = get_go(project, progress)
        steps += [lambda tool=tool: build(tool, go, progress, keep) for tool in modules]
    _side_by_side(steps)
    for tool, found in _chosen(tools, bin_folder, progress):
        if found is None:
            raise FalajError("TOOL-001", tool.name, f"it was built and is not whole in {tool.folder}")
        _link(tool, found, bin_folder)
    if steps:
        progress.say("everything is set up")


def _chosen(tools: Sequence[Tool], bin_folder: Path, progress: Progress) -> list[tuple[Tool, Found | None]]:
    chosen: dict[str, Found] = {}
    for tool in tools:
        try:
            found = choose(tool, bin_folder, chosen)
        except FalajError:
            found = ours(tool, progress)
        if found:
            chosen[tool.name] = found
    return [(tool, chosen.get(tool.name)) for tool in tools]


def _side_by_side(steps: Sequence[Callable[[], object]]) -> None:
    """Run the steps at the same time; when one fails, end the others and raise its error."""
    if not steps:
        return
    with ThreadPoolExecutor(len(steps)) as pool:
        tasks = [pool.submit(_guarded, step) for step in steps]
        try:
            done, _ = wait(tasks, return_when=FIRST_EXCEPTION)
            for task in done:
                task.result()
        except BaseException:
            process.stop_all()
            raise


def _guarded(step: Callable[[], object]) -> None:
    """A full or read-only disk can be met anywhere we write ourselves."""
    try:
        step()
    except OSError as error:
        code = "TOOL-006" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "TOOL-005"
        raise FalajError(code, str(error.filename or cache()), error.strerror or str(error)) from error


def _link(tool: Tool, found: Found, bin_folder: Path) -> None:
    """Links to what was chosen; of a tool from PATH only its main program, since it finds its own companions."""
    if tool.own or not isinstance(tool, GoTool):
        return
    for name in (tool.name, *(Path(script).name for script in tool.scripts)):
        link = bin_folder / name
        target = found.path if name == tool.name else tool.folder / name
        if found.origin == "PATH" and (tool.part_of or name != tool.name):
            link.unlink(missing_ok=True)
        elif not link.is_symlink() or link.readlink() != target:
            draft = bin_folder / f".{name}.{os.getpid()}"
            draft.unlink(missing_ok=True)
            draft.symlink_to(target)
            draft.replace(link)

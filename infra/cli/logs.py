"""`falaj logs`: what the servers of a stack said."""

import time
from collections import deque
from pathlib import Path

from infra.cli.local import require_local
from infra.cli.output import OK, emit, guarded, out, title
from infra.engine import Engine
from infra.errors import FalajError

POLL_SECONDS = 0.5


def logs(server: str, stack: str, lines: int, follow: bool, as_json: bool) -> int:
    """The last lines of one server's log, or of all of them."""
    return guarded(as_json, lambda: _logs(server, Engine(stack), lines, follow, as_json))


def _logs(server: str, engine: Engine, lines: int, follow: bool, as_json: bool) -> int:
    require_local(engine.stack)
    folder = engine.folder / "supervisor"
    files = {file.stem: file for file in sorted(folder.glob("*.log")) if not file.stem.endswith("-health")}
    files |= {file.stem: file for file in sorted((engine.folder / "logs").glob("*.log"))}
    if not files:
        raise FalajError("RUN-003", f"stack {engine.stack}", "it has no logs", f"Run `falaj up {engine.stack}` first.")
    if server and server not in files:
        raise FalajError(
            "RUN-007", f"stack {engine.stack}", f"there is no log of {server!r}", f"Name one of: {', '.join(files)}."
        )
    chosen = [files[server]] if server else list(files.values())
    tails = {file.stem: _tail(file, lines) for file in chosen}
    if as_json:
        emit({"stack": engine.stack, "logs": tails})
        return OK
    for file in chosen:
        title(f"{file.stem}  {file}")
        for line in tails[file.stem]:
            out.print(line, markup=False)
    if follow:
        _follow(chosen)
    return OK


def _tail(file: Path, lines: int) -> list[str]:
    with file.open(errors="replace") as opened:
        return [line.rstrip("\n") for line in deque(opened, maxlen=lines)]


def _follow(files: list[Path]) -> None:
    """Print what is added, until interrupted; a rotated log is read from its new start."""
    places = {file: file.stat().st_size for file in files}
    while True:
        for file, place in places.items():
            size = file.stat().st_size if file.exists() else 0
            with file.open(errors="replace") as opened:
                opened.seek(place if size >= place else 0)
                out.print(opened.read(), end="", markup=False)
                places[file] = opened.tell()
        time.sleep(POLL_SECONDS)

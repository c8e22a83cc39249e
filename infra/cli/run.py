"""`falaj run`: one workload, from data to a served model, in a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from components.local import processes
from infra.catalog.workloads import workloads
from infra.cli.local import require_local
from infra.cli.output import OK, done, emit, err, guarded, out
from infra.engine import Engine, exclusive, private_folder, replace
from infra.errors import FalajError
from infra.home import PROJECT

Event = dict[str, Any]


def run(workload: str, stack: str, as_json: bool) -> int:
    """Run the workload and show its steps."""
    return guarded(as_json, lambda: _run(workload, Engine(stack), as_json))


def _run(workload: str, engine: Engine, as_json: bool) -> int:
    started = time.monotonic()
    with ready(workload, engine) as logs:
        command = [f"workloads.{workload}", "--platform", str(engine.platform_file)]
        result = watch(workload, command, logs / f"{workload}.log", as_json)
    result |= {"ok": True, "workload": workload, "stack": engine.stack, "seconds": round(time.monotonic() - started, 1)}
    remember(engine, workload, result)
    if as_json:
        emit(result)
    else:
        done(f"{workload} is served at {result['url']}", result["seconds"])
    return OK


@contextmanager
def ready(workload: str, engine: Engine) -> Generator[Path]:
    """The folder of logs, while nobody else runs the workload on the stack, which is up. RUN-005 for another name."""
    if workload not in (there := workloads()):
        raise FalajError(
            "RUN-005", f"workload {workload!r}", "there is no such workload", f"Name one of: {', '.join(there)}."
        )
    require_local(engine.stack)
    engine.require_up()
    logs = engine.folder / "logs"
    private_folder(logs)
    with exclusive(engine.folder / f"{workload}.lock", f"workload {workload} on {engine.stack}"):
        yield logs


def last_result(engine: Engine, workload: str) -> Event | None:
    """What the last successful run of the workload ended with."""
    try:
        return json.loads((engine.folder / "results" / f"{workload}.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def remember(engine: Engine, workload: str, result: Event) -> None:
    """Remember the result for `falaj status`."""
    folder = engine.folder / "results"
    private_folder(folder)
    replace(folder / f"{workload}.json", json.dumps(result, indent=1))


def watch(workload: str, command: list[str], log: Path, as_json: bool) -> Event:
    """Show the steps of a workload's process, a module and its arguments; its result. A FalajError is its own."""
    last: Event = {}
    with _bar(as_json) as bar:
        task = bar.add_task(workload, total=None)
        for event in _events(command, log):
            last = event
            step, detail = str(event.get("step", "")), str(event.get("detail", ""))
            match event.get("state"):
                case "done" | "skipped":
                    took = (
                        f"  [dim]{event.get('seconds', 0):.1f} s[/]" if event["state"] == "done" else "  [dim]kept[/]"
                    )
                    if not as_json:
                        bar.console.print(f"  [green]✓[/] {step:<10} {detail}{took}")
                case "started" | "progress":
                    bar.update(task, description=f"{step} {detail}".strip())
                case _:
                    pass
    if last.get("event") == "error":
        raise FalajError.from_dict(last)
    if last.get("event") != "result":
        tail = log.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise FalajError(
            "RUN-006", f"workload {workload}", f"it ended without a result; its log {log} ends with: {tail[0]}"
        )
    return {key: value for key, value in last.items() if key != "event"}


def _events(command: list[str], log: Path) -> Iterator[Event]:
    """The JSON lines of the process; what else it says goes to its log."""
    environment = {**os.environ, "TMPDIR": str(processes.scratch(log.parents[1] / "supervisor"))}
    with log.open("w") as noise:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=noise,
            text=True,
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                try:
                    event = json.loads(line)
                except json.JSONDecodeError:
                    noise.write(line)
                    continue
                yield event
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait()


def _bar(as_json: bool) -> Progress:
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    return Progress(*columns, console=err if as_json else out, transient=True, disable=as_json or not out.is_terminal)

"""Ask a part of the workloads' library about a stack's store, in a process of its own: the CLI never imports it."""

import json
import os
import subprocess
import sys
from typing import Any

from infra.cli.local import require_local
from infra.engine import Engine, private_folder
from infra.errors import FalajError
from infra.home import PROJECT


def ask(module: str, stack: str, *arguments: str | None) -> dict[str, Any]:
    """The answer of `python -m workloads.lib.<module>`; its error is raised as its own. None is no argument.

    RUN-006 when it ends without an answer.
    """
    require_local(stack)
    engine = Engine(stack)
    engine.require_up()
    logs = engine.folder / "logs"
    private_folder(logs)
    command = [sys.executable, "-m", f"workloads.lib.{module}", "--platform", str(engine.platform_file)]
    command += [argument for argument in arguments if argument is not None]
    with (logs / f"{module}.log").open("w") as noise:
        done = subprocess.run(command, cwd=PROJECT, env=os.environ, stdout=subprocess.PIPE, stderr=noise, check=False)
    event = json.loads((done.stdout.splitlines() or [b"{}"])[-1])
    if event.get("event") == "error":
        raise FalajError.from_dict(event)
    if event.get("event") != "result":
        problem = f"it ended with {done.returncode} and no answer; its log is {logs / f'{module}.log'}"
        raise FalajError("RUN-006", f"workloads.lib.{module}", problem)
    return {name: value for name, value in event.items() if name != "event"}


def option(name: str, value: object) -> tuple[str, ...]:
    """`--name=value` as arguments; none when there is no value."""
    return () if value in (None, "") else (f"{name}={value}",)

"""Ask a part of the library as `falaj` does: a process on a platform file, one JSON event, an exit code."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def ask(module: str, platform: Path, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"workloads.lib.{module}", "--platform", str(platform), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (event,) = map(json.loads, done.stdout.splitlines())
    assert (done.returncode == 0) == (event["event"] == "result")
    return event

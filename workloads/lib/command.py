"""How a command of `falaj` that reads the store runs in a process of its own: one JSON event, and the exit code."""

import argparse
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from workloads.lib.platform import Platform
from workloads.lib.progress import Progress


def run(parser: argparse.ArgumentParser, answer: Callable[[Platform, argparse.Namespace], dict[str, Any]]) -> int:
    """Parse the command line, load the platform it names, and write what `answer` returns, or the error."""
    parser.add_argument("--platform", type=Path, required=True, metavar="FILE", help="platform.json of the stack")
    arguments = parser.parse_args()
    progress = Progress.on_stdout()
    try:
        platform = Platform.load(arguments.platform.resolve())
        progress.event("result", **answer(platform, arguments))
    except FalajError as error:
        progress.error(error)
        return error.entry.exit
    except Exception as error:  # noqa: BLE001 - a defect of ours: its traceback is for the log, one line is for the user
        traceback.print_exc(file=sys.stderr)
        broken = FalajError("WRK-018", parser.prog, f"it broke with {type(error).__name__}")
        progress.error(broken)
        return broken.entry.exit
    return 0

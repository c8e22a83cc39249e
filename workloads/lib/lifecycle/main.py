"""How a workload's process is started: `python -m workloads.<name> --platform FILE`."""

import argparse
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from infra.errors import FalajError
from workloads.lib.lifecycle.run import run
from workloads.lib.lifecycle.workload import Workload
from workloads.lib.progress import Progress


def main(made: Callable[[], Workload]) -> int:
    """Run the workload that `made` returns; JSON lines on stdout, the rest on stderr. The exit code is the error's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platform", type=Path, required=True, metavar="FILE", help="platform.json of the stack")
    parser.add_argument("--json", action="store_true", help="accepted for symmetry; the output is always JSON lines")
    arguments = parser.parse_args()
    return reported(lambda progress: run(made(), arguments.platform.resolve(), progress))


def reported(work: Callable[[Progress], None]) -> int:
    """Do the work with standard output for its events alone; an error is the last of them, and gives the exit code."""
    progress = Progress.on_stdout()
    try:
        work(progress)
    except FalajError as error:
        progress.error(error)
        return error.entry.exit
    except Exception as error:  # noqa: BLE001 - a defect of ours: its traceback is for the log, one line is for the user
        traceback.print_exc(file=sys.stderr)
        broken = FalajError("WRK-018", "the workload", f"it broke with {type(error).__name__}")
        progress.error(broken)
        return broken.entry.exit
    return 0

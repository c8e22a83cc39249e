"""`python -m workloads.employment --platform FILE`: JSON lines on stdout, the rest on stderr."""

import argparse
import sys
import traceback
from pathlib import Path

from infra.errors import FalajError
from workloads.employment.run import run
from workloads.lib.progress import Progress


def main() -> int:
    """Run the workload; the exit code is the error's."""
    parser = argparse.ArgumentParser(prog="python -m workloads.employment", description=__doc__)
    parser.add_argument("--platform", type=Path, required=True, metavar="FILE", help="platform.json of the stack")
    parser.add_argument("--json", action="store_true", help="accepted for symmetry; the output is always JSON lines")
    arguments = parser.parse_args()
    progress = Progress.on_stdout()
    try:
        run(arguments.platform.resolve(), progress)
    except FalajError as error:
        progress.error(error)
        return error.entry.exit
    except Exception as error:  # noqa: BLE001 - a defect of ours: its traceback is for the log, one line is for the user
        traceback.print_exc()
        broken = FalajError("WRK-018", "workload employment", f"it broke with {type(error).__name__}")
        progress.error(broken)
        return broken.entry.exit
    return 0


if __name__ == "__main__":
    sys.exit(main())

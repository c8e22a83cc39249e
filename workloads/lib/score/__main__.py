"""`python -m workloads.lib.score --platform FILE NAME`: JSON lines on stdout, the rest on stderr."""

import argparse
import sys
from pathlib import Path

from workloads.lib.lifecycle.bundled import bundled
from workloads.lib.lifecycle.main import reported
from workloads.lib.progress import Progress


def main() -> int:
    """Score one workload's rows. The exit code is the error's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--platform", type=Path, required=True, metavar="FILE", help="platform.json of the stack")
    parser.add_argument("--model", default="")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()

    def told(progress: Progress) -> None:
        from workloads.lib.score.score import score

        workload, platform_file = bundled(asked.name), asked.platform.resolve()
        progress.event("result", **score(workload, platform_file, progress, asked.model, asked.out))

    return reported(told)


if __name__ == "__main__":
    sys.exit(main())

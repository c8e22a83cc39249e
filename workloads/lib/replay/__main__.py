"""`python -m workloads.lib.replay --platform FILE NAME`: JSON lines on stdout, the rest on stderr."""

import argparse
import sys
from pathlib import Path

from workloads.lib.lifecycle.bundled import bundled
from workloads.lib.lifecycle.main import reported
from workloads.lib.progress import Progress


def main() -> int:
    """Replay one workload. The exit code is the error's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--platform", type=Path, required=True, metavar="FILE", help="platform.json of the stack")
    asked = parser.parse_args()

    def told(progress: Progress) -> None:
        from workloads.lib.replay.replay import replay

        progress.event("result", **replay(bundled(asked.name), asked.platform.resolve(), progress))

    return reported(told)


if __name__ == "__main__":
    sys.exit(main())

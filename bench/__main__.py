"""`make bench`: whole-process times, side by side in one run, as medians and ratios.

`pulumi preview` of the local stack with and without the gate, in turn; `falaj --help`; the import of each package.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import gate, region
from infra.home import PROJECT

RUNS = 7
BIN = Path(sys.executable).parent


def main() -> None:
    """Print a line for each measurement."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    print(f"median of {RUNS} runs after one to warm up, seconds")
    print(f"{'falaj --help':<44}{statistics.median(times([['falaj', '--help']], environment)[0]):8.3f}")
    for module in ("infra.cli.app", "policies.gate.decide", "components.local.region"):
        command = [sys.executable, "-c", f"import {module}"]
        print(f"{'import ' + module:<44}{statistics.median(times([command], environment)[0]):8.3f}")
    with tempfile.TemporaryDirectory() as home:
        preview(environment | {"FALAJ_HOME": home})
    gate.main()
    region.main()


def preview(environment: dict[str, str]) -> None:
    """`pulumi preview` of the stack as it is created, with and without the policy pack."""
    said = subprocess.run(["falaj", "env", "--json"], env=environment, capture_output=True, text=True, check=True)
    gated = environment | json.loads(said.stdout)
    bare = {name: value for name, value in gated.items() if name != "PULUMI_OPTION_POLICY_PACK"}
    command = ["pulumi", "--non-interactive", "preview"]
    with_gate, without = times([command, command], gated, bare)
    ratios = [a / b for a, b in zip(with_gate, without, strict=True)]
    print(f"{'pulumi preview without the gate':<44}{statistics.median(without):8.3f}")
    print(f"{'pulumi preview with the gate':<44}{statistics.median(with_gate):8.3f}")
    print(f"{'ratio, pair by pair':<44}{statistics.median(ratios):8.3f}  ({min(ratios):.3f} to {max(ratios):.3f})")


def times(commands: list[list[str]], *environments: dict[str, str]) -> list[list[float]]:
    """Seconds of every counted run, a list for each command; the commands take turns."""
    taken: list[list[float]] = [[] for _ in commands]
    for run in range(RUNS + 1):
        for slot, (command, environment) in enumerate(zip(commands, environments, strict=True)):
            began = time.perf_counter()
            subprocess.run(command, env=environment, cwd=PROJECT, capture_output=True, check=True)
            if run:
                taken[slot].append(time.perf_counter() - began)
    return taken


if __name__ == "__main__":
    main()

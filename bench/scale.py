"""A thousand nodes with GPUs, and clusters of Ray on them: how long an `up` takes, and what the control plane holds.

In a simulated region, whose programs `tools/bootstrap --sim` builds. `NODES=100 CLUSTERS=1,10` make it smaller.
"""

import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from infra.home import PROJECT

NODES = int(os.environ.get("NODES", "1000"))
CLUSTERS = [int(each) for each in os.environ.get("CLUSTERS", "1,10,25,50,100").split(",")]
STACK = "uae-aws"
_HEADS = 6  # that a node of the cpu pool has room for
_PROGRAM = PROJECT / "bench" / "fleet"


def main() -> None:
    """Print a line for each number of clusters; each `up` adds to what the one before made."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= {"FALAJ_STACKS": scratch, "FALAJ_HOME": f"{scratch}/home"}
        _stack(Path(scratch))
        began = time.monotonic()
        _sim("up", STACK, "--nodes", f"l40s={NODES}", "--nodes", f"cpu={max(CLUSTERS) // _HEADS + 2}")
        try:
            print(f"region with {NODES} GPU nodes up{time.monotonic() - began:42.1f} s")
            print(f"{'clusters':>8}{'up, s':>9}{'again, s':>10}{'ready, s: median':>18}{'most':>6}  resident MiB")
            for many in CLUSTERS:
                _round(many)
        finally:
            _sim("down", STACK)


def _stack(folder: Path) -> None:
    """The shipped region in `dev`, which looks at no signatures, with room for all of their GPUs."""
    file = folder / f"Pulumi.{STACK}.yaml"
    document = yaml.safe_load((PROJECT / "stacks" / file.name).read_text())
    document["config"]["falaj:profile"] = "dev"
    document["config"]["falaj:policy"]["max_gpus"] = max(NODES * 4, 32)
    file.write_text(yaml.safe_dump(document))


def _round(many: int) -> None:
    os.environ["CLUSTERS"] = str(many)
    first, again = _deployed(), _deployed()
    ready = sorted(_ready())
    if len(ready) != many:
        raise SystemExit(f"{len(ready)} of {many} clusters are ready")
    held = {one["name"]: one["mib"] for one in _sim("status", STACK)["programs"]}
    told = ", ".join(f"{name} {held[name]}" for name in ("etcd", "apiserver", "operator", "kueue", "kwok"))
    print(f"{many:>8}{first:>9.1f}{again:>10.1f}{statistics.median(ready):>18.0f}{ready[-1]:>6.0f}  {told}", flush=True)


def _deployed() -> float:
    from infra.cli.sim.deploy import deployed
    from infra.sim.state import find

    sim, began = find(STACK), time.monotonic()
    with redirect_stdout(io.StringIO()):
        deployed(STACK, sim.folder, sim.kubeconfig, True, project=_PROGRAM)
    return time.monotonic() - began


def _ready() -> list[float]:
    """Seconds from a cluster's creation until it was ready, of each that is; the server tells whole ones."""
    from infra.plan.cluster.client import Client
    from infra.plan.cluster.config import Config
    from infra.sim.state import find

    clusters = Client(Config.load(find(STACK).kubeconfig)).list_of("ray.io/v1", "RayCluster", "fleet", {})
    return [
        (
            _at(one["status"]["stateTransitionTimes"]["ready"]) - _at(one["metadata"]["creationTimestamp"])
        ).total_seconds()
        for one in clusters
        if one.get("status", {}).get("state") == "ready"
    ]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _sim(*arguments: str) -> Any:
    command = [str(Path(sys.executable).parent / "falaj"), "sim", *arguments, "--json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()

"""`falaj replay`: the periods after a workload's training, played through its endpoint, in a process of its own."""

import time

from infra.cli.output import OK, done, emit, guarded
from infra.cli.run import ready, watch
from infra.engine import Engine


def replay(workload: str, stack: str, as_json: bool) -> int:
    """Play the workload's periods and show what happens."""
    return guarded(as_json, lambda: _replay(workload, Engine(stack), as_json))


def _replay(workload: str, engine: Engine, as_json: bool) -> int:
    started = time.monotonic()
    with ready(workload, engine) as logs:
        command = ["workloads.lib.replay", workload, "--platform", str(engine.platform_file)]
        result = watch(workload, command, logs / f"{workload}-replay.log", as_json)
    result |= {"ok": True, "stack": engine.stack, "seconds": round(time.monotonic() - started, 1)}
    if as_json:
        emit(result)
    else:
        done(f"{workload} was replayed over {len(result['periods'])} periods and an experiment", result["seconds"])
    return OK

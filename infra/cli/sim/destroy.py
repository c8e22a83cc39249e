"""`falaj sim destroy`: take a stack away from its simulated region, in the order in which a real one goes."""

import shutil
import time
from pathlib import Path
from typing import Any

from infra.cli import drain
from infra.cli.output import OK, done, emit, guarded
from infra.cli.steps import Steps
from infra.drain.order import Order, order
from infra.engine import Engine


def destroy(name: str, as_json: bool) -> int:
    """Take away all of it, protected and retained or not: nothing in a simulated region is anybody's data."""
    from infra.sim.state import find

    def command() -> int:
        sim = find(name)
        return destroyed(sim.stack, sim.folder, sim.kubeconfig, as_json)

    return guarded(as_json, command)


def destroyed(stack: str, folder: Path, kubeconfig: Path, as_json: bool) -> int:
    """The same, of the cluster of a kubeconfig and the state in the folder."""
    from infra.plan.rehearsal import simulated

    started, found = time.monotonic(), order([])
    with simulated(stack, folder, kubeconfig) as engine, engine.locked():
        if was_up := engine.exists():
            engine.prepare()
            found = _released(engine)
            _drain(engine, found, Steps(as_json))
        shutil.rmtree(engine.folder, ignore_errors=True)
    seconds = time.monotonic() - started
    if as_json:
        emit({"ok": True, "stack": stack, "was_up": was_up, "seconds": round(seconds, 1), **drain.as_dict(found)})
    else:
        done(f"stack {stack} is gone from its simulated region" if was_up else f"stack {stack} was not up", seconds)
    return OK


def _released(engine: Engine) -> Order:
    """The order in which everything goes, after nothing is protected or retained any more."""
    resources: list[dict[str, Any]] = engine.state().get("resources") or []
    engine.adopt([{**one, "protect": False, "retainOnDelete": False} for one in resources])
    return order(engine.state().get("resources") or [])


def _drain(engine: Engine, found: Order, on_event: Steps) -> None:
    """Wave by wave what is in the cluster; then the rest at once, since it was only said to be there."""
    for wave in found.waves:
        if any(one.type.startswith("kubernetes:") for one in wave.members):
            engine.destroy(on_event, [one.urn for one in wave.members])
    engine.destroy(on_event)

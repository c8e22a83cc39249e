"""`falaj down` and `falaj destroy`: take a stack away, in an order that does not hang."""

import shutil
import sys
import time
from pathlib import Path
from typing import Any

import typer

from infra.backend import engine_of
from infra.cli import drain
from infra.cli.output import OK, done, emit, guarded
from infra.cli.steps import Steps
from infra.drain.order import Order, order
from infra.engine import Engine
from infra.errors import FalajError
from infra.home import home
from infra.judge import decision_log, plan
from infra.kubeconfig import require_server
from infra.settings import KubernetesStack, load, stack_file


def down(stack: str, yes: bool, as_json: bool) -> int:
    """Destroy the stack's resources but those that are retained; when none are, its state and its folder too."""
    return guarded(as_json, lambda: _down(engine_of(stack), yes, as_json))


def show(stack: str, state: Path | None, as_json: bool) -> int:
    """Say what would go, in which order, and what would stay: of the stack's own state or of an exported one."""
    return guarded(as_json, lambda: _show(engine_of(stack), state, as_json))


def _show(engine: Engine, state: Path | None, as_json: bool) -> int:
    from infra.plan import exported

    found = order(exported.resources(state, engine.stack)) if state else _order(engine)
    if as_json:
        emit({"ok": True, "stack": engine.stack, **drain.as_dict(found)})
    else:
        drain.show(found)
    return OK


def _down(engine: Engine, yes: bool, as_json: bool) -> int:
    started = time.monotonic()
    with engine.locked():
        was_up = engine.exists()
        found = _order(engine)
        if was_up:
            _require_cluster(engine)
            engine.prepare()
            _confirm(engine, found, yes=yes, quiet=as_json)
            _judge(engine, found)
            _destroy(engine, found, Steps(as_json))
        if not found.kept:
            shutil.rmtree(engine.folder, ignore_errors=True)
    if not found.kept:
        (home() / f"{engine.stack}.lock").unlink(missing_ok=True)
    _tell(engine, found, was_up=was_up, seconds=time.monotonic() - started, as_json=as_json)
    return OK


def _require_cluster(engine: Engine) -> None:
    """What goes from a cluster that is there already goes from the one that the gate is told of. CFG-031."""
    file = stack_file(engine.stack)
    if isinstance(settings := load(file), KubernetesStack):
        require_server(settings.cluster, f"stacks/{file.name}")


def _order(engine: Engine) -> Order:
    resources: list[dict[str, Any]] = engine.state().get("resources") or []
    return order(resources)


def _confirm(engine: Engine, found: Order, *, yes: bool, quiet: bool) -> None:
    """Say what will happen; for a stack in a cloud, wait for a yes. PLAN-003 when there is none."""
    if not quiet:
        drain.show(found)
    if yes or not found.going or load(stack_file(engine.stack)).target == "local":
        return
    if quiet or not sys.stdin.isatty() or not typer.confirm(f"Take away {len(found.going)} resources?"):
        raise FalajError("PLAN-003", f"stack {engine.stack}", f"{len(found.going)} resources would be taken away")


def _judge(engine: Engine, found: Order) -> None:
    """Ask the gate about taking away what goes; what of it is protected may go once that is allowed."""
    from policies.gate import steps
    from policies.gate.decide import Gate

    settings = load(stack_file(engine.stack))
    asked = steps.of_state(engine.state(), "delete")
    if not asked:
        return
    gone = {one.urn for one in found.going} | set(found.last) if found.kept else {step["urn"] for step in asked}
    with Gate.start(log=decision_log()) as gate:
        told = [step if step["urn"] in gone else {**step, "op": "same"} for step in asked]
        gate.decide(plan(engine, settings, told)).raise_if_denied()
    if settings.profile != "dev":
        engine.unprotect([step["urn"] for step in told if _is_protected(step, gone)] if found.kept else ("--all",))


def _is_protected(step: dict[str, Any], gone: set[str]) -> bool:
    return step["urn"] in gone and step["options"]["protect"]


def _destroy(engine: Engine, found: Order, on_event: Steps) -> None:
    """Wave by wave. The last one takes the stack itself, unless something stays."""
    for wave in found.waves[:-1]:
        engine.destroy(on_event, [one.urn for one in wave.members])
    if not found.kept:
        engine.destroy(on_event)
    elif left := [one.urn for wave in found.waves[-1:] for one in wave.members] + list(found.last):
        engine.destroy(on_event, left)


def _tell(engine: Engine, found: Order, *, was_up: bool, seconds: float, as_json: bool) -> None:
    if as_json:
        document = {"ok": True, "stack": engine.stack, "was_up": was_up, "seconds": round(seconds, 1)}
        emit(document | (drain.as_dict(found) if was_up else {}))
    elif found.kept:
        done(f"stack {engine.stack}: {len(found.kept)} resources are kept, and its state with them", seconds)
    elif was_up:
        done(f"stack {engine.stack} is gone; kept: {decision_log()}", seconds)
    else:
        done(f"stack {engine.stack} was not up")

"""`falaj sim up`: start a simulated region, or heal it."""

import time
from collections.abc import Sequence

from infra.cli.output import OK, done, emit, guarded
from infra.errors import FalajError


def up(stack: str, name: str, wanted: Sequence[str], as_json: bool) -> int:
    """Print how to reach it."""
    return guarded(as_json, lambda: _up(stack, name, wanted, as_json))


def _up(stack: str, name: str, wanted: Sequence[str], as_json: bool) -> int:
    from infra.sim.start import start

    began = time.monotonic()
    sim = start(name, stack, dict(map(_count, wanted)), (lambda _: None) if as_json else done)
    seconds = time.monotonic() - began
    if as_json:
        emit({"ok": True, "name": name, "stack": stack, "kubeconfig": str(sim.kubeconfig), "server": sim.server})
    else:
        done(f"simulated region {name} is up; KUBECONFIG={sim.kubeconfig}", seconds)
    return OK


def _count(text: str) -> tuple[str, int]:
    pool, _, number = text.partition("=")
    if not number.isdigit():
        raise FalajError("SIM-007", "--nodes", f"{text!r} is not POOL=N")
    return pool, int(number)

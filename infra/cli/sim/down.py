"""`falaj sim down`: take a simulated region away."""

import time

from infra.cli.output import OK, done, emit, guarded


def down(name: str, as_json: bool) -> int:
    """Nothing of it is left."""
    return guarded(as_json, lambda: _down(name, as_json))


def _down(name: str, as_json: bool) -> int:
    from infra.sim.state import find
    from infra.sim.stop import stop

    began = time.monotonic()
    stop(find(name))
    if as_json:
        emit({"ok": True, "name": name})
    else:
        done(f"simulated region {name} is gone", time.monotonic() - began)
    return OK

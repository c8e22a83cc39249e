"""A gate that starts in the background, so that the engine need not wait for it before it runs the program."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from infra.errors import FalajError

if TYPE_CHECKING:
    from policies.gate.decide import Gate

_SECONDS = 60.0


class Starting:
    """The gate of one process: `ready` waits for it. Its thread lives as long as OPA shall, which dies with it."""

    def __init__(self, log: Path, stopping: threading.Event) -> None:
        self._log = log
        self._stopping = stopping
        self._known = threading.Event()
        self._gate: Gate | None = None
        self._error: FalajError | None = None
        self._thread = threading.Thread(target=self._run, name="gate")
        self._thread.start()

    def ready(self) -> "Gate":
        """The gate. Raises what kept it from starting, GATE-004 when that takes too long."""
        if not self._known.wait(_SECONDS):
            raise FalajError("GATE-004", "policies.gate", f"it was not ready within {_SECONDS:.0f} s")
        if self._gate is None:
            raise self._error or FalajError("GATE-004", "policies.gate", "it was stopped")
        return self._gate

    def close(self) -> None:
        """Wait until everything it started is gone; `stopping` must be set."""
        self._thread.join()

    def _run(self) -> None:
        from policies.gate.decide import Gate

        try:
            with Gate.start(log=self._log) as gate:
                self._gate = gate
                self._known.set()
                self._stopping.wait()
        except FalajError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001  whatever it was, the questions that wait must hear of it
            self._error = FalajError("GATE-004", "policies.gate", f"{type(error).__name__}: {error}")
        finally:
            self._known.set()

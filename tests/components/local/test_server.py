"""A server's drift: well or not, and whether what it held in memory is lost."""

from pathlib import Path
from typing import Any

import pytest

from components.local import processes
from components.local.server import RESTARTED, ServerInputs, ServerKind


class WebKind(ServerKind[ServerInputs]):
    schema = ServerInputs
    name = "web"

    def program(self, inputs: ServerInputs) -> Any:
        return None


@pytest.mark.parametrize(
    ("known", "found", "drifts"),
    [
        (("running", 7), ("running", 7), False),
        (("running", 7), ("running", 8), True),
        (("running", 7), ("unresponsive", 7), True),
        (("starting", 8), ("running", 8), True),  # a refresh saw it come back
        (("unresponsive", 8), ("running", 8), True),
        ((RESTARTED, 8), ("running", 8), True),
    ],
)
def test_a_restart_stays_drift_until_the_next_up(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    known: tuple[str, int],
    found: tuple[str, int],
    drifts: bool,
) -> None:
    def status(*_: Any) -> tuple[str, int]:
        return found

    monkeypatch.setattr(processes, "status", status)
    inputs = ServerInputs(supervisor=str(tmp_path), path=str(tmp_path), bind="127.0.0.1", port=8000, telemetry=False)
    outputs = {"url": "http://127.0.0.1:8000", "status": known[0], "pid": known[1]}
    assert WebKind().drift(inputs, outputs) == ({"status"} if drifts else set())

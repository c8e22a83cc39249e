"""The tracking server as it is run: MLflow and its worker, none of the job runners that it would start by itself."""

import time
from pathlib import Path

import pytest

from tests.tracking_server import TrackingServer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def test_it_starts_nothing_but_its_worker(tmp_path: Path):
    server = TrackingServer(tmp_path)
    server.start()
    try:
        time.sleep(2)  # job runners would come after the first answer
        commands = [" ".join(process.cmdline()) for process in server.processes()]
    finally:
        server.stop()
    assert len(commands) == 2, commands

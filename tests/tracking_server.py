"""The local target's tracking server, run alone: the very program that `components/local` has its supervisor keep."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from components.local.tracking_server import TrackingServerInputs, TrackingServerKind
from tests.rig import free_ports
from workloads.lib import http


@dataclass
class TrackingServer:
    """Started and stopped at will, always on the same port and the database in `folder`."""

    folder: Path
    port: int = field(default_factory=lambda: free_ports(1)[0])
    running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Until it answers."""
        folder = str(self.folder)
        inputs = TrackingServerInputs(
            supervisor=folder, path=folder, bind="127.0.0.1", port=self.port, telemetry=False, memory_mib=4096
        )
        program = TrackingServerKind().program(inputs)
        environment = os.environ | program.environment
        with (self.folder / "log").open("ab") as log:
            self.running = subprocess.Popen(
                program.command, cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + 240
        while not self._is_well(program.health):
            going = self.running.poll() is None and time.monotonic() < until
            assert going, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.3)

    def stop(self) -> None:
        """Killed, with every process that it started."""
        if self.running:
            with suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()
            self.running = None

    def processes(self) -> list[psutil.Process]:
        """It and those it started."""
        if self.running is None:
            return []
        server = psutil.Process(self.running.pid)
        return [server, *server.children(recursive=True)]

    def _is_well(self, health: list[str]) -> bool:
        try:
            return all(http.call(url, seconds=5)[0] == 200 for url in health)
        except http.NoAnswer:
            return False

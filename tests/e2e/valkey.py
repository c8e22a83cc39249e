"""Valkey as Ray's heads meet it: over TLS, with a user of the rights that the cache's has, at one loopback address."""

import hashlib
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from components.aws.cache import _RAY
from infra.toolchain import VALKEY
from tests.rig import free_ports

_FRONT = Path(__file__).with_name("tls_front.py")
USER, PASSWORD = "of-ray", "a password of the tests"
_SETTINGS = f"""\
port 0
save ""
appendonly yes
user default off
user {USER} {_RAY} "#%s"
"""


class Valkey:
    """Its server, as the wheel brings it, has no TLS: what has stands before it."""

    def __init__(self, folder: Path, certificate: Path) -> None:
        folder.mkdir()
        (self.port,) = free_ports(1)
        self._data, self._socket, self._log = folder / "data", folder / "valkey.sock", folder / "log"
        digest = hashlib.sha256(PASSWORD.encode()).hexdigest()
        (folder / "valkey.conf").write_text(_SETTINGS % digest)
        server = [VALKEY.program, folder / "valkey.conf", "--unixsocket", self._socket, "--dir", self._data]
        keys = (certificate / "tls.crt", certificate / "tls.key")
        front = [sys.executable, _FRONT, str(self.port), self._socket, *keys]
        self._commands = server, front
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, *, empty: bool = False) -> None:
        if empty:
            shutil.rmtree(self._data)
        self._data.mkdir(exist_ok=True)
        with self._log.open("a") as log:
            self._running = [subprocess.Popen(one, stdout=log, stderr=log) for one in self._commands]
        deadline = time.monotonic() + 60
        while not (self._socket.exists() and self._answers()):
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """Nobody is at its address any more; what was written stays."""
        for one in self._running:
            one.kill()
            one.wait()
        self._socket.unlink(missing_ok=True)

    def _answers(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

"""Valkey as Ray's heads meet it: over TLS, with a user of the rights that the cache's has, at one loopback address."""

import asyncio
import shutil
import ssl
import subprocess
import sys
import time
from pathlib import Path

from components.aws.cache import _RAY
from infra.toolchain import VALKEY

USER, PASSWORD = "of-ray", "a password of the tests"
_SETTINGS = f"""\
port 0
save ""
appendonly yes
user default off
user {USER} {_RAY} "#%s"
"""


class Valkey:
    """Its server, as the wheel brings it, has no TLS: what has stands before it, in a process of this file."""

    def __init__(self, folder: Path, port: int, certificate: Path, password: str) -> None:
        self._data, self._socket = folder / "data", folder / "valkey.sock"
        (folder / "valkey.conf").write_text(_SETTINGS % password)
        self._command = [VALKEY.program, folder / "valkey.conf", "--unixsocket", self._socket, "--dir", self._data]
        front = [sys.executable, __file__, str(port), self._socket, certificate / "tls.crt", certificate / "tls.key"]
        self._log = (folder / "valkey.log").open("w")
        self._front = subprocess.Popen(front, stderr=self._log)
        self._server: subprocess.Popen[bytes] | None = None

    def start(self, *, empty: bool = False) -> None:
        if empty:
            shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(exist_ok=True)
        self._server = subprocess.Popen(self._command, stdout=self._log)
        deadline = time.monotonic() + 20
        while not self._socket.exists():
            assert time.monotonic() < deadline, self._log.name
            time.sleep(0.05)

    def kill(self) -> None:
        """What it wrote stays."""
        if self._server:
            self._server.kill()
            self._server.wait()
            self._socket.unlink(missing_ok=True)

    def close(self) -> None:
        self.kill()
        self._front.kill()
        self._front.wait()
        self._log.close()


async def _serve(port: int, socket: str, certificate: str, key: str) -> None:
    """Hand what comes over TLS to the socket, and hang up when nobody is there."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass  # one of the two is gone
        finally:
            writer.close()

    async def pair(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner, outer = await asyncio.open_unix_connection(socket)
        except OSError:
            writer.close()
            return
        await asyncio.gather(copy(reader, outer), copy(inner, writer))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(pair, "127.0.0.1", port, ssl=context)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), *sys.argv[2:]))

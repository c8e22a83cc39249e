"""The way from the API server to pods, services and webhooks: `python -m infra.sim.network SOCKET FOLDER`.

The API server asks it by HTTP CONNECT for every connection into the cluster (its egress selector). At the address of a
Ray head a stand-in of its dashboard answers; calls of a service with a route go to a process of this machine; nothing
is at any other address.
"""

import json
import socket
import socketserver
import sys
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import cast

from infra.errors import FalajError
from infra.plan.cluster.client import Client, RefusedError
from infra.plan.cluster.config import Config
from infra.sim.network.cluster import Cluster
from infra.sim.network.dashboard import Dashboard
from infra.sim.network.routes import read

_SECONDS = 30
_CHUNK = 1 << 16


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, at: Path, folder: Path) -> None:
        at.unlink(missing_ok=True)  # of one that was killed
        self.folder = folder
        self.cluster = Cluster(Client(Config.load(folder / "pki" / "network.kubeconfig")))
        self.dashboard = Dashboard(self.cluster)
        super().__init__(str(at), Handler)


class Handler(BaseHTTPRequestHandler):
    """One connection: a CONNECT, then what is said through it."""

    protocol_version = "HTTP/1.1"
    timeout = _SECONDS
    peer: tuple[str, int] | None = None
    """Address and port in the cluster."""

    def do_CONNECT(self) -> None:
        """Go to the process of a route, or stay here as the one who is called."""
        address, _, port = self.path.rpartition(":")
        own = cast(Server, self.server)
        try:
            service = own.cluster.service(address)
            route = read(own.folder).get(service or "")
            there = service is None and own.cluster.pod(address) is not None
        except (FalajError, RefusedError) as error:
            self.send_error(HTTPStatus.BAD_GATEWAY, str(error))
            return
        if route:
            self._bridge(route)
        elif there and port.isdigit():
            self.peer = (address, int(port))
            self._open()
        else:
            self.send_error(HTTPStatus.BAD_GATEWAY, f"nothing is simulated at {service or self.path}")

    def answer(self) -> None:
        """As the simulated pod, once a connection: its address may be another's by the next."""
        own = cast(Server, self.server)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            pod = own.cluster.pod(self.peer[0]) if self.peer else None
            if self.peer is None or pod is None:
                self.send_error(HTTPStatus.BAD_GATEWAY, "nobody is there")
                return
            token = self.headers.get("x-ray-authorization") or self.headers.get("Authorization") or ""
            status, said = own.dashboard.answer(pod, self.peer[1], self.command, self.path, token, body)
        except (FalajError, RefusedError) as error:
            status, said = HTTPStatus.BAD_GATEWAY, str(error)
        text = (said if isinstance(said, str) else json.dumps(said)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if isinstance(said, str) else "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - by these names http.server finds it

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: the operator asks every few seconds."""

    def address_string(self) -> str:
        return "apiserver"

    def _open(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.end_headers()

    def _bridge(self, port: int) -> None:
        """Everything as it is, both ways, until both sides have ended."""
        self.close_connection = True
        try:
            there = socket.create_connection(("127.0.0.1", port), timeout=_SECONDS)
        except OSError as error:
            self.send_error(HTTPStatus.BAD_GATEWAY, f"port {port}: {error}")
            return
        with there:
            for one in (there, self.connection):
                one.settimeout(None)
            self._open()
            back = threading.Thread(target=_copy, args=(there, self.connection), daemon=True)
            back.start()
            _copy(self.connection, there)
            back.join()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def main() -> None:
    """Serve until ended."""
    at, folder = map(Path, sys.argv[1:])
    with Server(at, folder) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()

"""An admission webhook in the tests' own process that refuses everything."""

import contextlib
import json
import ssl
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tests.certificate import certificate

WORDS = "said no on this machine"


class Refuses(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = {"uid": review["request"]["uid"], "allowed": False, "status": {"message": WORDS}}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({**review, "response": answer}).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextlib.contextmanager
def webhook(folder: Path, name: str) -> Generator[tuple[int, bytes]]:
    """Its port, and the certificate by which it is known under the name."""
    signed, key = certificate(name, authority=False)
    (folder / "certificate.pem").write_bytes(signed)
    (folder / "key.pem").write_bytes(key)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    with HTTPServer(("127.0.0.1", 0), Refuses) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, signed
        server.shutdown()

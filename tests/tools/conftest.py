"""A package index on loopback."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Lists folders as an index does."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """The folder that is served: one subfolder a package."""
    (tmp_path / "index").mkdir()
    return tmp_path / "index"


@pytest.fixture
def served(index: Path) -> Iterator[str]:
    """Its address."""
    handler = functools.partial(Quiet, directory=str(index))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()

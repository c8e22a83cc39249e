"""A Redis server of its own for a test: TLS only, no default user, and the rights that the platform's Valkey gives."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives import hashes

from infra.home import PROJECT
from infra.toolchain import cache
from tests.certificate import certificate

PACKAGES = ("redis-tools", "liblzf1", "libjemalloc2", "libatomic1")
PASSWORD = "a password for one test"


class Server(NamedTuple):
    port: int
    authority: Path
    password: Path
    process: subprocess.Popen[bytes]


@contextmanager
def server(folder: Path) -> Generator[Server]:
    """Start it in `folder`, and stop it afterwards."""
    program, environment = _program()
    authority = _certificate(folder)
    password = folder / "password"
    password.write_text(PASSWORD + "\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lines = [
        *("port 0", f"tls-port {port}", "bind 127.0.0.1", "tls-auth-clients no", 'save ""', f"dir {folder}"),
        *(f"tls-cert-file {folder}/cert.pem", f"tls-key-file {folder}/key.pem", f"tls-ca-cert-file {authority}"),
        *("user default off", f'user features "#{_sha256(PASSWORD)}" {_rights()}'),
    ]
    (folder / "redis.conf").write_text("\n".join(lines))
    process = subprocess.Popen([program, str(folder / "redis.conf")], env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(port, authority)
        yield Server(port, authority, password, process)
    finally:
        process.kill()
        process.wait()


def _rights() -> str:
    """What the component of the platform's Valkey gives to the user of the features."""
    found = re.search(r'_FEATURES = "([^"]+)"', (PROJECT / "components/aws/cache.py").read_text())
    assert found
    return found[1]


def _program() -> tuple[str, dict[str, str]]:
    """The server on PATH, or Debian's, unpacked once into the cache."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found, dict(os.environ)
    root = cache() / "debian" / "redis"
    program = root / "usr/bin/redis-check-rdb"  # one program, which its name tells what to be
    if not program.exists() and shutil.which("apt-get") and shutil.which("dpkg"):
        (root / "packages").mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", *PACKAGES], cwd=root / "packages", capture_output=True, check=False)
        for package in (root / "packages").glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(package), str(root)], check=True)
    if not program.exists():
        pytest.skip("no Redis or Valkey server on PATH, nor among Debian's packages here")
    return str(program.with_name("redis-server")), _beside(root)


def _beside(root: Path) -> dict[str, str]:
    link = root / "usr/bin/redis-server"
    if not link.exists():
        link.symlink_to("redis-check-rdb")
    return {**os.environ, "LD_LIBRARY_PATH": str(root / "usr/lib/x86_64-linux-gnu")}


def _sha256(text: str) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(text.encode())
    return digest.finalize().hex()


def _certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that is its own authority."""
    signed, key = certificate("127.0.0.1")
    (folder / "key.pem").write_bytes(key)
    (folder / "cert.pem").write_bytes(signed)
    return folder / "cert.pem"


def _wait(port: int, authority: Path) -> None:
    context = ssl.create_default_context(cafile=str(authority))
    for _ in range(100):
        try:
            with (
                socket.create_connection(("127.0.0.1", port), timeout=1) as plain,
                context.wrap_socket(plain, server_hostname="127.0.0.1"),
            ):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")

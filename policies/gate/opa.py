"""One OPA of our own, on loopback, that lives no longer than the process that started it."""

import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.errors import FalajError

MINIMUM = (1, 21, 3)
"""Signed bundles of older versions can be side-stepped (GHSA-g2pf-6v5v-qcc8)."""
TOKEN_VARIABLE = "FALAJ_OPA_TOKEN"  # noqa: S105  the variable's name
START_SECONDS = 10.0


@dataclass(frozen=True)
class Server:
    """A running OPA; `token` is never shown."""

    url: str
    token: str
    pid: int


def binary() -> Path:
    """`$FALAJ_OPA`, or `opa` on PATH. Raises GATE-002."""
    named = os.environ.get("FALAJ_OPA")
    found = shutil.which(named or "opa")
    if found is None:
        raise FalajError("GATE-002", "policies.gate", f"opa is {f'{named} ($FALAJ_OPA)' if named else 'not on PATH'}")
    return Path(found)


def require_version(text: str, place: str) -> None:
    """Raises GATE-003 when `text` ("1.22.2") is older than MINIMUM or no version at all."""
    try:
        stated = tuple(int(part) for part in text.split("-", 1)[0].split("."))
    except ValueError:
        stated: tuple[int, ...] = ()
    if stated < MINIMUM:
        minimum = ".".join(map(str, MINIMUM))
        raise FalajError("GATE-003", place, f"opa is {text or 'of unknown version'}, the gate needs {minimum} or newer")


def run(path: Path, *arguments: str) -> str:
    """Standard output of an opa command. Raises GATE-017 with what opa said."""
    try:
        done = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FalajError("GATE-004", str(path), f"opa {arguments[0]} did not run: {error}") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().replace("\n", " ")[:1000]
        raise FalajError("GATE-017", str(path), f"opa {arguments[0]} ended with {done.returncode}: {said}")
    return done.stdout


def version(path: Path) -> str:
    """The version the binary states, "" when it states none."""
    first = run(path, "version").partition("\n")[0]
    return first.partition(":")[2].strip()


def command(path: Path, address: str, bundle: Path) -> list[str]:
    """How every OPA of ours is run; it takes its token from $FALAJ_OPA_TOKEN."""
    return [
        str(path), "run", "--server", "--addr", address, "--authentication=token", "--authorization=basic",
        "--skip-version-check", "--log-level=error", "--bundle", str(bundle),
    ]  # fmt: skip


@contextlib.contextmanager
def serve(path: Path, bundle: Path) -> Generator[Server]:
    """OPA with this bundle on a free loopback port. Raises GATE-004.

    Call it from a thread that lives as long as the server shall: the kernel takes the thread for the parent.
    It gets no environment but its token: a rule can read `opa.runtime().env`, and ours holds passphrases.
    """
    token = secrets.token_urlsafe(32)
    with tempfile.TemporaryFile() as log:
        try:
            process = subprocess.Popen(
                command(path, "127.0.0.1:0", bundle),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={TOKEN_VARIABLE: token},
                start_new_session=True,  # Ctrl-C is for us; OPA must outlast the last question
                preexec_fn=_die_with_parent() if sys.platform == "linux" else None,
            )
        except OSError as error:
            raise FalajError("GATE-004", str(path), f"opa did not start: {error}") from error
        try:
            port = _listening_port(process)
            if port is None:
                log.seek(0)
                said = log.read()[-1000:].decode(errors="replace").strip().replace("\n", " ") or "nothing"
                state = f"ended with {process.returncode}" if process.poll() is not None else "opened no port"
                raise FalajError("GATE-004", str(path), f"opa {state} within {START_SECONDS:.0f} s and said: {said}")
            yield Server(f"http://127.0.0.1:{port}", token, process.pid)
        finally:
            process.kill()
            process.wait()


def _listening_port(process: "subprocess.Popen[bytes]") -> int | None:
    """The port OPA chose, read from its own socket: nobody else can have taken it in between."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(psutil.Error):
            for connection in psutil.Process(process.pid).net_connections("tcp"):
                if connection.status == psutil.CONN_LISTEN:
                    return connection.laddr.port
        time.sleep(0.01)
    return None


def _die_with_parent() -> Callable[[], None]:
    """For Popen on Linux: the kernel kills the child when its parent is gone, however it went."""
    prctl, parent, death_signal = ctypes.CDLL(None).prctl, os.getpid(), 1

    def ask() -> None:
        prctl(death_signal, signal.SIGKILL)
        if os.getppid() != parent:  # it was gone before we asked
            os._exit(1)

    return ask

"""Runs an installer or a compiler: its lines are followed, its failure becomes one clear error."""

import ctypes
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from infra.errors import FalajError

_NETWORK = (
    r"dial tcp|connection refused|no such host|could not connect|name resolution|network is unreachable|timed? ?out"
    r"|tls handshake|error sending request|failed to fetch|failed to establish|connection reset|tunnel|GOPROXY=off"
)
CAUSES = (
    ("TOOL-006", r"no space left on device|os error 28|disk quota|errno 28"),
    ("TOOL-004", r"checksum mismatch|SECURITY ERROR|hash mismatch|do not match the hashes|HashMismatch"),
    ("TOOL-007", r"lockfile .*needs to be updated|missing go\.sum entry|updates to go\.mod needed"),
    ("TOOL-010", r"invalid peer certificate|certificate verify failed|x509: |UnknownIssuer"),
    ("TOOL-003", r"\b(401|403|404|410)\b|not found in the package registry|unknown revision"),
    ("TOOL-002", _NETWORK),
    ("TOOL-003", r"no matching distribution"),  # pip's last word when nothing answered, too
    ("TOOL-005", r"permission denied|read-only file system|os error 13\b|os error 30\b"),
)
"""Code and the words by which the tools we run say it; the first that matches counts."""

verbose = False
"""Print every line as well."""

_running: set[subprocess.Popen[str]] = set()
_guard = threading.Lock()
_stopping = threading.Event()


def follow(
    command: Sequence[str | Path],
    place: str,
    line: Callable[[str], None],
    cwd: Path,
    env: Mapping[str, str],
) -> str:
    """Run it, hand every line it prints to `line`, return the last ones. Raises a FALAJ-TOOL error at `place`."""
    pause(0)
    words = [str(word) for word in command]
    try:
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
    except OSError as error:
        raise FalajError("TOOL-008", place, f"{words[0]} does not start: {error.strerror}") from error
    with _guard:
        _running.add(process)
    tail: deque[str] = deque(maxlen=200)
    assert process.stdout is not None
    for text in process.stdout:
        tail.append(text.rstrip())
        if verbose:
            print(text, end="", file=sys.stderr)  # noqa: T201
        line(text.strip())
    code = process.wait()
    with _guard:
        _running.discard(process)
    if code:
        raise explain(place, shlex.join(words), code, list(tail))
    return "\n".join(tail)


def stop_all() -> None:
    """End what still runs, because another step has failed."""
    _stopping.set()
    with _guard:
        for process in _running:
            process.terminate()


def pause(seconds: float) -> None:
    """Wait; raises FALAJ-TOOL-008 as soon as `stop_all` is called."""
    if _stopping.wait(seconds):
        raise FalajError("TOOL-008", "tools/bootstrap", "stopped, since another step failed")


def explain(place: str, command: str, code: int, tail: list[str]) -> FalajError:
    """The error behind what a program printed before it failed."""
    for name, words in CAUSES:
        said = [text for text in tail if re.search(words, text, re.IGNORECASE)]
        if said:
            return FalajError(name, place, _clean(_where(tail) + said[-1].strip().removeprefix("cause: ")))
    said = next((text for text in reversed(tail) if text.strip()), "it printed nothing")
    end = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    return FalajError("TOOL-008", place, f"`{_clean(command)}` {end}: {_clean(said)}")


def _where(tail: list[str]) -> str:
    """The last address that was spoken of, which is not always on the line that says what is wrong."""
    addresses = re.findall(r"https?://[^\s`\"')]+", "\n".join(tail))
    return f"{addresses[-1].rstrip(':,')}: " if addresses else ""


def _clean(text: str) -> str:
    """One line of bearable length, without the login of a registry's address."""
    text = re.sub(r"//[^/@\s]+@", "//***@", " ".join(text.split()))
    return text if len(text) <= 300 else text[:150] + " … " + text[-150:]


_libc = ctypes.CDLL(None)


def _die_with_parent() -> None:
    """A killed set-up must not leave a compiler behind (prctl PR_SET_PDEATHSIG; Linux)."""
    _libc.prctl(1, signal.SIGKILL)

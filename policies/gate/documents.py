"""What the gate was asked, kept by digest beside the log: redacted as it was asked, so that it can be asked again."""

import gzip
import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from policies.gate.document import digest


def keep(folder: Path, name: str, body: Mapping[str, Any]) -> None:
    """Write the document once. Raises GATE-014 when it cannot be: what cannot be shown later is not allowed now."""
    file = _file(folder, name)
    if file.exists():
        return
    working = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        working.write_bytes(gzip.compress(json.dumps(body).encode(), compresslevel=1, mtime=0))
        working.chmod(0o600)
        working.replace(file)
    except OSError as error:
        working.unlink(missing_ok=True)
        raise FalajError("GATE-014", str(file), f"the question cannot be kept: {error.strerror}") from error


def read(folder: Path, name: str) -> dict[str, Any]:
    """The document of that digest. Raises GATE-015 when it is not there or not what was asked."""
    file = _file(folder, name)
    try:
        body: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    except (OSError, ValueError, EOFError, RecursionError, zlib.error) as error:
        raise FalajError("GATE-015", str(file), f"the question cannot be read: {type(error).__name__}") from error
    if digest(body) != name:
        raise FalajError("GATE-015", str(file), f"it is {digest(body)}, the record names {name}")
    return body


def _file(folder: Path, name: str) -> Path:
    return folder / "documents" / f"{name.removeprefix('sha256:')}.json.gz"

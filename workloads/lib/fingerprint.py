"""What a result depends on, as digests: the code, the installed packages, and the two with the inputs."""

import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workloads.lib.object_store import digest

WORKLOADS = Path(__file__).resolve().parents[1]


def canonical(value: Any) -> bytes:
    """JSON with one way to write each value, so that equal values have equal digests."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def of_value(value: Any) -> str:
    """Digest of a JSON value."""
    return digest(canonical(value))


def of_code(*folders: Path) -> str:
    """Digest of every Python file below `folders`, names included."""
    files = sorted(file for folder in folders for file in folder.rglob("*.py"))
    return of_value({str(file.relative_to(WORKLOADS)): digest(file.read_bytes()) for file in files})


def of_packages(names: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Digest and versions of installed packages."""
    versions = {name: version(name) for name in sorted(names)}
    return of_value(versions), versions

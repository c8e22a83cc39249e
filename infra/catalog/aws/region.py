"""What a region of AWS sells."""

import difflib
import re
from functools import cache
from pathlib import Path
from typing import Literal

from infra.catalog.aws.energy import Energy
from infra.catalog.aws.instance import Instance, instances
from infra.catalog.aws.source import Facts, Source, Unknown, read


class Price(Facts):
    """The price of an hour, USD."""

    usd: float
    listed: bool
    """From the region's list, else an estimate: us-east-1's list times the region's highest known factor."""


class _Factors(Facts):
    source: Source
    by_family: dict[str, float]


class _Instances(Facts):
    source: Source
    families: tuple[str, ...]
    others: tuple[str, ...]
    left_out: dict[str, str]
    factors: _Factors


class _Classes(Facts):
    source: Source
    classes: dict[str, tuple[str, ...]]


class _Services(Facts):
    source: Source
    present: tuple[str, ...]


class Features(Facts):
    """What may or may not be had in a region."""

    lustre: bool | Unknown
    capacity_blocks: bool | Unknown
    efa: bool | Unknown


class Note(Source):
    """Something else to know of a region."""

    text: str


class Region(Facts):
    """A region."""

    title: str
    zones: tuple[str, ...]
    """Letters, in the order in which stacks use them."""
    zones_source: Source
    instances: _Instances
    databases: _Classes
    caches: _Classes
    services: _Services
    energy: Energy
    features: Features
    notes: tuple[Note, ...]

    @property
    def sold(self) -> dict[str, Instance]:
        """The instance types sold here that the catalogue has facts of."""
        return {name: one for name, one in instances().items() if one.family in self.instances.families}

    def near(self, wanted: str) -> str:
        """The type sold here that is most like `wanted`: of its kind, architecture and size, then by name; else ""."""
        alike = [name for name in self.sold if name[0] == wanted[0] and _arm(name) == _arm(wanted)]
        by_size = {name: abs(_scale(name) - _scale(wanted)) for name in alike}
        nearest = [name for name in alike if by_size[name] == min(by_size.values())]
        return next(iter(difflib.get_close_matches(wanted, nearest, 1, 0)), "")

    def has(self, kind: Literal["database", "cache"], name: str) -> bool:
        """Whether a class of database (`db.m7g.large`) or of cache (`cache.m7g.large`) is sold."""
        _, family, size = name.split(".")
        return size in self.classes(kind).get(family, ())

    def classes(self, kind: Literal["database", "cache"]) -> dict[str, tuple[str, ...]]:
        """Sizes by family."""
        return (self.databases if kind == "database" else self.caches).classes

    def price(self, instance_type: str) -> Price | Unknown:
        """The price of an hour on demand, Linux."""
        one = instances()[instance_type]
        factors = self.instances.factors.by_family
        if one.usd == "unknown":
            return "unknown"
        factor = factors.get(one.family) or max(factors.values())
        return Price(usd=round(one.usd * factor, 5), listed=one.family in factors)


def _arm(name: str) -> bool:
    return bool(re.match(r"[a-z]+\d[a-z]*g[a-z]*\.", name))


def _scale(name: str) -> float:
    """How many times an xlarge it is, about."""
    small = {"nano": 0.05, "micro": 0.1, "small": 0.2, "medium": 0.25, "large": 0.5}
    size = name.split(".")[1]
    number = re.match(r"(?:metal-)?(\d+)xl", size)
    return float(number[1]) if number else small.get(size, 1)


@cache
def regions() -> dict[str, Region]:
    """Every region of the catalogue, by name."""
    files = sorted(Path(__file__).parent.glob("*-*.yaml"))
    return {file.stem: Region.model_validate(read(file.stem)) for file in files}

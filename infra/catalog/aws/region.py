"""What a region of AWS sells."""

import difflib
from functools import cache
from pathlib import Path
from typing import Literal

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
    features: Features
    notes: tuple[Note, ...]

    @property
    def sold(self) -> dict[str, Instance]:
        """The instance types sold here that the catalogue has facts of."""
        return {name: one for name, one in instances().items() if one.family in self.instances.families}

    def near(self, wanted: str) -> str:
        """The type sold here that is most like `wanted`, or "" when none is of its kind."""
        alike = [name for name in self.sold if name[0] == wanted[0]]
        return next(iter(difflib.get_close_matches(wanted, alike, 1, 0)), "")

    def has(self, kind: Literal["database", "cache"], name: str) -> bool:
        """Whether a class of database (`db.m7g.large`) or of cache (`cache.m7g.large`) is sold."""
        _, family, size = name.split(".")
        classes = self.databases if kind == "database" else self.caches
        return size in classes.classes.get(family, ())

    def price(self, instance_type: str) -> Price | Unknown:
        """The price of an hour on demand, Linux."""
        one = instances()[instance_type]
        factors = self.instances.factors.by_family
        if one.usd == "unknown":
            return "unknown"
        factor = factors.get(one.family) or max(factors.values())
        return Price(usd=round(one.usd * factor, 5), listed=one.family in factors)


@cache
def regions() -> dict[str, Region]:
    """Every region of the catalogue, by name."""
    files = sorted(Path(__file__).parent.glob("*-*.yaml"))
    return {file.stem: Region.model_validate(read(file.stem)) for file in files}

"""What AWS takes for parts that are no EC2 machines."""

from functools import cache
from typing import Literal

from infra.catalog.aws.region import regions
from infra.catalog.aws.source import Facts, Source, Unknown, read

HOURS = 730
"""Of a month, as AWS counts it."""
Tariff = Literal["by use", "free", "unpriced"]


class _Everywhere(Facts):
    cluster: float
    cluster_extended: float
    ipv4: float


class _Hourly(Facts):
    nat: float
    endpoint: float
    everywhere: _Everywhere


class _Held(Facts):
    key: float
    secret: float
    alarm: float


class _Monthly(Facts):
    volume_gib: float
    database_gib: float
    everywhere: _Held


class Services(Facts):
    """List prices, USD, in us-east-1; `everywhere` those that are the same in every region."""

    sources: dict[str, Source]
    hourly: _Hourly
    monthly: _Monthly
    databases: dict[str, dict[str, float]]
    caches: dict[str, dict[str, float]]
    by_use: tuple[str, ...]
    free: tuple[str, ...]
    unpriced: tuple[str, ...]

    def node(self, name: str) -> float | Unknown:
        """An hour of a database (`db.m7g.large`, one zone) or a cache node (`cache.m7g.large`)."""
        family, _, size = name.rpartition(".")
        return (self.databases | self.caches).get(family, {}).get(size, "unknown")

    def tariff(self, token: str) -> Tariff:
        """How a resource type is charged that has no price of its own."""
        if token in self.by_use:
            return "by use"
        return "free" if token.startswith(self.free) and not token.startswith(self.unpriced) else "unpriced"


@cache
def services() -> Services:
    """The catalogue's prices of services."""
    return Services.model_validate(read("services"))


def factor(region: str) -> float | Unknown:
    """What a region takes as a multiple of us-east-1, at most: an estimate for what has no list here."""
    if region == "us-east-1":
        return 1.0
    return max(regions()[region].instances.factors.by_family.values()) if region in regions() else "unknown"

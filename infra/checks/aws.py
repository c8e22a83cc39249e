"""A stack on AWS against the catalogue: its place, its network, its versions, its pools and what runs in them."""

from datetime import date, datetime
from ipaddress import IPv4Network
from typing import Literal

from components.subnets import SubnetError, allocate
from infra.catalog.aws.region import Region, regions
from infra.catalog.aws.support import kubernetes
from infra.checks.features import require_features
from infra.checks.kubernetes import require_ray
from infra.checks.pools import require_pools
from infra.checks.queues import require_queues
from infra.checks.workloads import require_workloads
from infra.errors import FalajError
from infra.settings import AwsStack
from policies.gate.params import jurisdictions

DAEMONS = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent", "coredns")
"""Add-ons that every cluster needs: without them no machine gets ready, or no name resolves."""

SERVICE_CIDRS = ("172.20.0.0/16", "10.100.0.0/16")
"""Ranges for services; those that EKS chooses from by itself."""


def require_sound(settings: AwsStack, place: str, now: datetime) -> None:
    """Raise the first thing that cannot work."""
    _require_jurisdiction(settings, place)
    region = _region(settings, place)
    letters = zones(settings, region, place)
    _require_network(settings, letters, place)
    _require_support(settings, place, now.date())
    _require_addons(settings, place)
    _require_classes(settings, region, place)
    require_features(settings, region, place)
    require_pools(settings, region, letters, place, now)
    require_ray(settings, place)
    require_workloads(settings, place)
    require_queues(settings, place)


def zones(settings: AwsStack, region: Region, place: str) -> list[str]:
    """Letters of the network's zones. CFG-011 for one that the region has not."""
    asked = settings.network.zones
    there = f"{settings.region} has {', '.join(region.zones)}"
    if isinstance(asked, int):
        if asked > len(region.zones):
            problem = f"`falaj:network.zones` is {asked}, and {there}"
            raise FalajError("CFG-011", place, problem, f"Write {len(region.zones)} at most.")
        return list(region.zones[:asked])
    for letter in asked:
        if letter not in region.zones:
            raise FalajError("CFG-011", place, f"`falaj:network.zones` names zone {letter!r}, and {there}")
        if asked.count(letter) > 1:
            raise FalajError("CFG-011", place, f"`falaj:network.zones` names zone {letter!r} twice", "Name it once.")
    return list(asked)


def _require_jurisdiction(settings: AwsStack, place: str) -> None:
    where = jurisdictions().get(settings.jurisdiction)
    if where is None:
        known = ", ".join(jurisdictions())
        problem = f"`falaj:jurisdiction` is {settings.jurisdiction!r}, which is none"
        raise FalajError("CFG-009", place, problem, f"Write one of: {known}.")
    allowed = where.regions.get("aws", [])
    if settings.region not in allowed:
        problem = f"`falaj:region` is {settings.region}, outside of jurisdiction {settings.jurisdiction}"
        fix = f"Write one of its regions: {', '.join(allowed)}." if allowed else "It has no region of AWS."
        raise FalajError("CFG-009", place, problem, fix)


def _region(settings: AwsStack, place: str) -> Region:
    if region := regions().get(settings.region):
        return region
    problem = f"`falaj:region` is {settings.region}, of which the catalogue has no facts"
    raise FalajError("CFG-010", place, problem, f"It has {', '.join(regions())}.")


def _require_network(settings: AwsStack, letters: list[str], place: str) -> None:
    network, services = settings.network.cidr, settings.cluster.service_cidr
    try:
        allocate(network, letters)
    except SubnetError as error:
        raise FalajError("CFG-013", place, f"`falaj:network.cidr`: {error}") from error
    try:
        inner = IPv4Network(services)
    except ValueError as error:
        raise FalajError("CFG-013", place, f"`falaj:cluster.service_cidr` is {services}: {error}") from error
    if not 12 <= inner.prefixlen <= 24 or not inner.is_private:
        fix = "Write a private range of /12 to /24."
        raise FalajError("CFG-013", place, f"`falaj:cluster.service_cidr` is {services}", fix)
    if inner.overlaps(IPv4Network(network)):
        problem = f"`falaj:cluster.service_cidr` {services} overlaps `falaj:network.cidr` {network}"
        free = next(one for one in SERVICE_CIDRS if not IPv4Network(one).overlaps(IPv4Network(network)))
        raise FalajError("CFG-012", place, problem, f"Move one of them, like `service_cidr: {free}`.")


def _require_support(settings: AwsStack, place: str, today: date) -> None:
    version, known = settings.cluster.version, kubernetes()
    latest = [name for name, one in known.items() if one.standard != "unknown"][-1]
    if version not in known:
        problem = f"`falaj:cluster.version` is {version}, of which the catalogue has no facts"
        raise FalajError("CFG-014", place, problem, f"Write a version that it knows, like {latest}.")
    support = known[version]
    ends = support.extended if settings.cluster.extended_support else support.standard
    if ends == "unknown" or today <= ends:
        return
    kind = "extended" if settings.cluster.extended_support else "standard"
    problem = f"`falaj:cluster.version` is {version}, and EKS's {kind} support of it ended on {ends}"
    paid = kind == "standard" and support.extended != "unknown" and today <= support.extended
    more = f", or set `falaj:cluster.extended_support: true` until {support.extended}" if paid else ""
    raise FalajError("CFG-014", place, problem, f"Write {latest}{more}.")


def _require_addons(settings: AwsStack, place: str) -> None:
    """Add-ons that must be there, and those whose version follows Kubernetes'."""
    cluster = settings.cluster
    for name in DAEMONS:
        if name not in cluster.addons:
            problem = f"`falaj:cluster.addons` has no {name}, which every cluster needs"
            raise FalajError("CFG-024", place, problem, "Add it with its version.")
    proxy = cluster.addons["kube-proxy"]
    if not proxy.startswith(f"v{cluster.version}."):
        problem = f"`falaj:cluster.addons.kube-proxy` is {proxy}, and `falaj:cluster.version` is {cluster.version}"
        raise FalajError("CFG-024", place, problem, f"Write a release of v{cluster.version}.")


def _require_classes(settings: AwsStack, region: Region, place: str) -> None:
    """Classes of database and cache that the region sells."""
    asked: tuple[tuple[Literal["database", "cache"], str, str], ...] = (
        ("database", "database.instance_class", settings.database.instance_class),
        ("cache", "cache.node_type", settings.cache.node_type),
    )
    for kind, key, name in asked:
        if region.has(kind, name):
            continue
        prefix, _, size = name.split(".")
        same = [f"{prefix}.{family}.{size}" for family, sizes in region.classes(kind).items() if size in sizes]
        fix = f"Write one that it sells: {', '.join(same)}." if same else f"It sells {', '.join(region.classes(kind))}."
        problem = f"`falaj:{key}` is {name}, which {settings.region} does not sell or the catalogue does not know"
        raise FalajError("CFG-023", place, problem, fix)

"""What one resource of a plan costs a month, and the watts it draws: list prices, on demand, without what is by use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

from infra.catalog.aws.instance import Instance, instances
from infra.catalog.aws.region import regions
from infra.catalog.aws.services import HOURS, factor, services
from infra.catalog.aws.support import kubernetes
from infra.plan.change import Change, at

Plan = Mapping[str, Change]


@dataclass(frozen=True)
class Span:
    """As planned, and between which bounds it may move by itself (a pool's smallest and largest size)."""

    planned: float
    least: float
    most: float

    def __add__(self, other: "Span") -> "Span":
        return Span(self.planned + other.planned, self.least + other.least, self.most + other.most)

    def through(self, change: Callable[[float], float]) -> "Span":
        """Each of its numbers changed."""
        return Span(change(self.planned), change(self.least), change(self.most))


@dataclass(frozen=True)
class Price:
    """What a resource costs, and why."""

    usd: Span
    """A month."""
    basis: str
    listed: bool
    """Whether the region's own list says so; else it is an estimate from another region's."""
    watts: Span | None = None
    """At full load, without cooling; None where nothing is known."""


@dataclass(frozen=True)
class Gap:
    """What cannot be priced, and why not."""

    reason: str


def price(one: Change, plan: Plan) -> Price | Gap | None:
    """A resource's price; a gap where it has one that is not known; None for what is free by itself."""
    if one.is_component or one.type.startswith("pulumi:"):
        return None
    if of_type := _TYPES.get(one.type):
        try:
            before = tuple(plan[urn] for urn in one.edges.get("launchTemplate", ()) if urn in plan)
            return of_type(_Case(one.inputs, one.region, before))
        except _NotKnownError as error:
            return Gap(str(error))
    if not one.type.startswith("aws:"):
        return None if one.type.startswith(("falaj:", "kubernetes:")) else Gap("no price in the catalogue")
    match services().tariff(one.type):
        case "free":
            return None
        case "by use":
            return Gap("charged by use")
        case "unpriced":
            return Gap("no price in the catalogue")


class _NotKnownError(LookupError):
    """Something that the price depends on. Says so in a few words."""


@dataclass(frozen=True)
class _Case:
    """A resource that is to be priced, in its plan."""

    inputs: Mapping[str, Any]
    region: str
    before: tuple[Change, ...]
    """What its launch template comes from."""

    def number(self, path: str) -> float:
        value = at(self.inputs, path)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _NotKnownError(f"{path} is not known")
        return value


def _pool(one: _Case) -> Price:
    """Machines and their volumes, from the smallest size of the pool to the largest."""
    template = _template(one)
    types = _texts(one.inputs.get("instanceTypes")) or _texts(template.get("instanceType"))
    if not types:
        raise _NotKnownError("its machine types are not known")
    sizes = [one.number(f"scalingConfig.{name}Size") for name in ("desired", "min", "max")]
    hours, listed = zip(*(_machine(name, one.region) for name in types), strict=True)
    disk = _volumes(template) * services().monthly.volume_gib * _factor(one.region)
    each = [hour * HOURS + disk for hour in hours]
    span = Span(sizes[0] * each[0], sizes[1] * min(each), sizes[2] * max(each))
    watts = [_facts(name).watts for name in types]
    basis = f"{_count(sizes[0])} x {types[0]}" + (f", {_count(sizes[1])} to {_count(sizes[2])}")
    if one.inputs.get("capacityType") in ("SPOT", "CAPACITY_BLOCK"):
        basis += f"; as on demand, {str(one.inputs['capacityType']).lower().replace('_', ' ')} is charged otherwise"
    return Price(span, basis, all(listed), Span(sizes[0] * watts[0], sizes[1] * min(watts), sizes[2] * max(watts)))


def _cluster(one: _Case) -> Price:
    hourly = services().hourly.everywhere
    support = kubernetes().get(str(one.inputs.get("version")))
    ends = support.standard if support else "unknown"
    late = isinstance(ends, date) and ends < datetime.now(UTC).date()
    basis = f"version {one.inputs.get('version')} in extended support" if late else "control plane"
    return _flat((hourly.cluster_extended if late else hourly.cluster) * HOURS, basis, listed=True)


def _nat(one: _Case) -> Price:
    return _flat(services().hourly.nat * HOURS * _factor(one.region), "a gateway, without what goes through it")


def _endpoint(one: _Case) -> Price | None:
    if one.inputs.get("vpcEndpointType", "Gateway") == "Gateway":
        return None
    zones = one.inputs.get("subnetIds")
    if not isinstance(zones, list):
        raise _NotKnownError("its zones are not known")
    count = len(cast("list[Any]", zones))
    return _flat(count * services().hourly.endpoint * HOURS * _factor(one.region), f"in {count} zones, without traffic")


def _address(_: _Case) -> Price:
    return _flat(services().hourly.everywhere.ipv4 * HOURS, "a public address", listed=True)


def _database(one: _Case) -> Price:
    zones = 2 if one.inputs.get("multiAz") is True else 1
    least, most = one.number("allocatedStorage"), one.inputs.get("maxAllocatedStorage")
    node = _node(one.inputs.get("instanceClass")) * HOURS
    gib = services().monthly.database_gib
    sizes = (least, least, max(least, most) if isinstance(most, (int, float)) else least)
    each = [zones * (node + size * gib) * _factor(one.region) for size in sizes]
    basis = f"{one.inputs.get('instanceClass')} and {_count(least)} GiB, {zones} zone{'s' * (zones > 1)}"
    return Price(Span(*each), basis, _is_home(one.region))


def _cache(one: _Case) -> Price:
    shards, copies = one.inputs.get("numNodeGroups"), one.inputs.get("replicasPerNodeGroup")
    nodes = one.inputs.get("numCacheClusters")
    if isinstance(shards, (int, float)) or isinstance(copies, (int, float)):
        nodes = _or(shards, 1) * (1 + _or(copies, 0))
    count = _or(nodes, 1)
    each = _node(one.inputs.get("nodeType")) * HOURS * _factor(one.region)
    return _flat(count * each, f"{_count(count)} x {one.inputs.get('nodeType')}", listed=_is_home(one.region))


def _held(monthly: float, what: str) -> Callable[[_Case], Price]:
    return lambda _: _flat(monthly, what, listed=True)


def _flat(usd: float, basis: str, *, listed: bool = False) -> Price:
    return Price(Span(usd, usd, usd), basis, listed)


def _template(one: _Case) -> Mapping[str, Any]:
    """The inputs of the pool's launch template, found by the edge to it: its id is not known before it exists."""
    nothing: Mapping[str, Any] = {}
    return next((item.inputs for item in one.before if item.type.endswith(":LaunchTemplate")), nothing)


def _volumes(template: Mapping[str, Any]) -> float:
    """GiB of the volumes that each machine gets."""
    count = len(template.get("blockDeviceMappings") or ())
    sizes = [at(template, f"blockDeviceMappings[{index}].ebs.volumeSize") for index in range(count)]
    return sum(size for size in sizes if isinstance(size, (int, float)))


def _machine(name: str, region: str) -> tuple[float, bool]:
    """USD an hour, and whether the region's list says so."""
    _facts(name)
    found = regions()[region].price(name) if region in regions() else "unknown"
    if found == "unknown":
        raise _NotKnownError(f"no price of {name} in {region or 'a region that is not known'}")
    return found.usd, found.listed


def _facts(name: str) -> Instance:
    if name not in instances():
        raise _NotKnownError(f"no facts of {name} in the catalogue")
    return instances()[name]


def _node(name: Any) -> float:
    found = services().node(str(name))
    if found == "unknown":
        raise _NotKnownError(f"no price of {name} in the catalogue")
    return found


def _factor(region: str) -> float:
    found = factor(region)
    if found == "unknown":
        raise _NotKnownError(f"no prices of {region or 'a region that is not known'} in the catalogue")
    return found


def _is_home(region: str) -> bool:
    return region == "us-east-1"


def _or(value: Any, otherwise: float) -> float:
    return value if isinstance(value, (int, float)) else otherwise


def _texts(value: Any) -> list[str]:
    items = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def _count(number: float) -> str:
    return f"{number:g}"


_TYPES: dict[str, Callable[[_Case], Price | None]] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": _held(services().monthly.everywhere.alarm, "an alarm"),
    "aws:ec2/eip:Eip": _address,
    "aws:ec2/natGateway:NatGateway": _nat,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/nodeGroup:NodeGroup": _pool,
    "aws:elasticache/replicationGroup:ReplicationGroup": _cache,
    "aws:kms/key:Key": _held(services().monthly.everywhere.key, "a key, without its requests"),
    "aws:rds/instance:Instance": _database,
    "aws:secretsmanager/secret:Secret": _held(services().monthly.everywhere.secret, "a secret"),
}

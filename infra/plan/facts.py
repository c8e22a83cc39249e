"""Inputs against what the catalogue knows of a region: a machine that is not sold there cannot be planned there."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal, cast

from infra.catalog.aws.region import Region, regions
from infra.plan.check import Problem

Kind = Literal["machine", "database", "cache"]

_TYPES: dict[str, tuple[str, Kind]] = {
    "aws:ec2/capacityReservation:CapacityReservation": ("instanceType", "machine"),
    "aws:ec2/instance:Instance": ("instanceType", "machine"),
    "aws:ec2/launchTemplate:LaunchTemplate": ("instanceType", "machine"),
    "aws:eks/nodeGroup:NodeGroup": ("instanceTypes", "machine"),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("nodeType", "cache"),
    "aws:rds/instance:Instance": ("instanceClass", "database"),
}


def unsold(token: str, inputs: Mapping[str, Any], configured: Collection[str]) -> Iterator[Problem]:
    """Machines, databases and caches that no region in question sells.

    Those are the resource's own region, or the ones that providers were configured for: a resource's inputs do not say
    which provider it has. Of a region that is not in the catalogue nothing is known, and nothing refused.
    """
    name, kind = _TYPES.get(token, ("", "machine"))
    own = inputs.get("region")
    asked = [own] if isinstance(own, str) else sorted(configured)
    known = [regions()[region] for region in asked if region in regions()]
    if not name or len(known) != len(asked) or not known:
        return
    given = inputs.get(name)
    for index, item in enumerate(cast("list[Any]", given) if isinstance(given, list) else [given]):
        if isinstance(item, str) and not any(_sells(region, kind, item) for region in known):
            near = known[0].near(item) if kind == "machine" else ""
            place = f"{name}[{index}]" if isinstance(given, list) else name
            yield Problem(place, f"is {item!r}, which {', '.join(asked)} does not sell{near and f'; {near} is'}")


def _sells(region: Region, kind: Kind, item: str) -> bool:
    if kind != "machine":
        return len(item.split(".")) == 3 and region.has(kind, item)
    family = item.split(".")[0]
    return family in (*region.instances.families, *region.instances.others, *region.instances.left_out)

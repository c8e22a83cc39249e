"""Pools: sealed disks, credentials that stay on the machine, EFA card by card, and capacity where it was reserved."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.aws.node_pool import NodePool, NodePoolArgs
from components.contracts import Cluster, Network
from tests.components.aws.rig import ACCOUNT, Made, context, deployed, key, of_type

ZONES = [f"me-central-1{letter}" for letter in "abc"]
GROUP = "sg-0123456789abcdef0"
CPU = NodePoolArgs(
    context=context(),
    cluster=Cluster(
        name="uae-aws",
        arn=context().arn("eks", "cluster/uae-aws"),
        endpoint="https://x",
        certificate="",
        version="1.35",
        security_group=GROUP,
    ),
    network=Network(
        id="vpc-1", cidr="10.20.0.0/16", private={zone: f"subnet-{zone[-1]}" for zone in ZONES}, intra={}, public={}
    ),
    key=key("volumes"),
    role=f"arn:aws:iam::{ACCOUNT}:role/uae-aws-machine",
    name="cpu",
    kind="cpu",
    instance_types=["m7i.4xlarge", "m6i.4xlarge"],
    image="1.50.0-abc",
    min=1,
    max=4,
    desired=2,
    disk_gib=200,
    capacity="on-demand",
    zones=ZONES,
)
BLOCK = replace(
    CPU,
    name="train",
    kind="gpu",
    instance_types=["p5en.48xlarge"],
    capacity="block",
    reservation="cr-0123456789abcdef0",
    zones=ZONES[:1],
    efa_interfaces=16,
    mig="all-1g.18gb",
)


def pool(args: NodePoolArgs) -> tuple[Made, Made, list[Made]]:
    """The group, its launch template and placement groups."""
    made = deployed(lambda: NodePool("p", args))
    return made["p-a"], made["p-template"], of_type(made, "PlacementGroup")


def test_a_machine_keeps_its_credentials_and_seals_its_disks() -> None:
    group, template, placements = pool(CPU)
    said = template.inputs["metadataOptions"]
    assert (said["httpTokens"], said["httpPutResponseHopLimit"]) == ("required", 1)
    disks = {one["deviceName"]: one["ebs"] for one in template.inputs["blockDeviceMappings"]}
    assert {name: disk["volumeSize"] for name, disk in disks.items()} == {"/dev/xvda": 4, "/dev/xvdb": 200}
    assert {(disk["encrypted"], disk["kmsKeyId"]) for disk in disks.values()} == {("true", key("volumes").arn)}
    [interface] = template.inputs["networkInterfaces"]
    assert (interface["associatePublicIpAddress"], interface["securityGroups"]) == ("false", [GROUP])
    assert {one["resourceType"] for one in template.inputs["tagSpecifications"]} == {
        "instance",
        "volume",
        "network-interface",
    }
    assert group.inputs["subnetIds"] == ["subnet-a"]
    assert (group.inputs["amiType"], group.inputs["releaseVersion"]) == ("BOTTLEROCKET_x86_64", "1.50.0-abc")
    assert "taints" not in group.inputs or group.inputs["taints"] == []
    assert not placements


def test_every_network_card_of_a_gpu_machine_speaks_efa_and_one_has_addresses() -> None:
    group, template, _ = pool(BLOCK)
    cards = [
        (one["networkCardIndex"], one["deviceIndex"], one["interfaceType"])
        for one in template.inputs["networkInterfaces"]
    ]
    assert cards[:3] == [(0, 0, "interface"), (0, 1, "efa-only"), (1, 0, "efa-only")]
    assert len(cards) == len(set(cards)) == 17
    assert {card for card, _, kind in cards if kind == "efa-only"} == set(range(16))
    assert {one["associatePublicIpAddress"] for one in template.inputs["networkInterfaces"]} == {"false"}
    assert group.inputs["taints"] == [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}]
    assert group.inputs["labels"]["nvidia.com/mig.config"] == "all-1g.18gb"
    assert group.inputs["amiType"] == "AL2023_x86_64_NVIDIA"
    assert [one["deviceName"] for one in template.inputs["blockDeviceMappings"]] == ["/dev/xvda"]


def test_one_card_speaks_efa_and_has_the_addresses() -> None:
    _, template, _ = pool(replace(BLOCK, instance_types=["g6.8xlarge"], efa_interfaces=1))
    [interface] = template.inputs["networkInterfaces"]
    assert (interface["networkCardIndex"], interface["deviceIndex"], interface["interfaceType"]) == (0, 0, "efa")


def test_machines_that_speak_efa_stand_together() -> None:
    _, template, [placement] = pool(replace(BLOCK, capacity="on-demand", reservation=None))
    assert placement.inputs["strategy"] == "cluster"
    assert "p-placement" in template.depends_on
    # A block's are put together by EC2, and a reservation's are where it was made.
    assert not pool(BLOCK)[2]
    _, template, placements = pool(replace(BLOCK, capacity="reserved", placement_group="fabric"))
    assert template.inputs["placement"] == {"groupName": "fabric"}
    assert not placements


@pytest.mark.parametrize(
    ("change", "capacity", "market", "target"),
    [
        ({}, "CAPACITY_BLOCK", "capacity-block", "cr-0123456789abcdef0"),
        ({"capacity": "reserved"}, "ON_DEMAND", None, "cr-0123456789abcdef0"),
        ({"capacity": "spot", "reservation": None}, "SPOT", None, None),
        ({"capacity": "on-demand", "reservation": None}, "ON_DEMAND", None, None),
    ],
)
def test_capacity(change: dict[str, Any], capacity: str, market: str | None, target: str | None) -> None:
    group, template, _ = pool(replace(BLOCK, **change))
    assert group.inputs["capacityType"] == capacity
    assert template.inputs.get("instanceMarketOptions", {}).get("marketType") == market
    reservation = template.inputs.get("capacityReservationSpecification", {})
    assert reservation.get("capacityReservationTarget", {}).get("capacityReservationId") == target
    # EKS wants the type of a block in the template, and there only.
    in_template = template.inputs.get("instanceType") == "p5en.48xlarge"
    assert (in_template, "instanceTypes" in group.inputs) == (market is not None, market is None)
    # No machine more than was reserved can be had: the old one goes first.
    bounded = target is not None
    assert group.inputs["updateConfig"]["updateStrategy"] == ("MINIMAL" if bounded else "DEFAULT")
    assert group.delete_before_replace == bounded


@given(sizes=st.lists(st.integers(0, 50), min_size=3, max_size=3).map(sorted).filter(lambda sizes: sizes[2] > 0))
@settings(max_examples=20, deadline=None)
def test_machines_are_spread_over_zones_and_none_is_lost(sizes: list[int]) -> None:
    least, first, most = sizes
    made = deployed(lambda: NodePool("p", replace(CPU, min=least, desired=first, max=most)))
    groups = [one.inputs["scalingConfig"] for one in of_type(made, "NodeGroup")]
    for field, total in (("minSize", least), ("desiredSize", first), ("maxSize", most)):
        assert sum(group[field] for group in groups) == total
        assert max(group[field] for group in groups) - min(group[field] for group in groups) <= 1
    assert all(
        group["maxSize"] > 0 and group["minSize"] <= group["desiredSize"] <= group["maxSize"] for group in groups
    )


def test_a_zone_more_is_a_group_more_and_no_other_place() -> None:
    def places(zones: Sequence[str]) -> dict[str, list[str]]:
        made = deployed(lambda: NodePool("p", replace(CPU, zones=zones)))
        return {one.name: one.inputs["subnetIds"] for one in of_type(made, "NodeGroup")}

    assert places(ZONES) == places(ZONES[:2]) | {"p-c": ["subnet-c"]}


def test_an_autoscaler_keeps_the_number_it_chose() -> None:
    assert pool(CPU)[0].ignore_changes == ()
    assert pool(replace(CPU, autoscaled=True))[0].ignore_changes == ("scalingConfig.desiredSize",)


@pytest.mark.parametrize(
    ("args", "change", "said"),
    [
        (BLOCK, {"zones": ZONES[:2]}, "must stand in one zone, not in me-central-1a, me-central-1b"),
        (CPU, {"efa_interfaces": 1}, "must stand in one zone"),
        (BLOCK, {"reservation": None}, "block capacity and the reservation None"),
        (CPU, {"reservation": "cr-1"}, "on-demand capacity and the reservation 'cr-1'"),
        (BLOCK, {"placement_group": "fabric"}, "only a reservation is in a placement group"),
        (BLOCK, {"instance_types": ["p5en.48xlarge", "p5.48xlarge"]}, "one instance type"),
    ],
)
def test_what_no_machine_can_be_had_for_is_refused(args: NodePoolArgs, change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(args, **change)

"""What a plan costs: known, estimated, or said to be unknown; never silently nothing."""

from typing import Any

import pytest

from infra.catalog.aws.region import regions
from infra.plan.bill import bill
from infra.plan.change import Change
from infra.plan.price import Gap, Price, price


def change(
    type_: str, region: str = "me-central-1", edges: dict[str, tuple[str, ...]] | None = None, **inputs: Any
) -> Change:
    return Change(
        urn=f"urn:pulumi:uae::falaj::{type_}::it",
        type=type_,
        operation="create",
        inputs=inputs,
        properties=(),
        parent="",
        needs=frozenset(),
        edges=edges or {},
        region=region,
        protected=False,
        is_component=False,
    )


POOL = "aws:eks/nodeGroup:NodeGroup"
SIZES = {"minSize": 1, "desiredSize": 2, "maxSize": 4}
UNKNOWN = {"$unknown": True}


def test_a_pool_costs_its_machines_and_their_volumes() -> None:
    volumes = [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 100}}]
    template = change("aws:ec2/launchTemplate:LaunchTemplate", blockDeviceMappings=volumes, instanceType="g5.xlarge")
    pool = change(POOL, edges={"launchTemplate": (template.urn,)}, scalingConfig=SIZES, launchTemplate={"id": UNKNOWN})
    bare = change(POOL, scalingConfig=SIZES, instanceTypes=["g5.xlarge"])
    found, without = price(pool, {template.urn: template}), price(bare, {})
    assert isinstance(found, Price)
    assert isinstance(without, Price)
    assert found.usd.planned - without.usd.planned == pytest.approx(2 * 100 * 0.08 * 1.22793)
    assert (without.usd.least, without.usd.most) == (without.usd.planned / 2, without.usd.planned * 2)
    assert without.listed
    assert without.watts
    assert without.watts.most == without.watts.planned * 2


def test_a_pool_of_several_types_costs_between_its_cheapest_and_its_dearest() -> None:
    one = price(change(POOL, scalingConfig=SIZES, instanceTypes=["m7i.large", "m7i.xlarge"]), {})
    assert isinstance(one, Price)
    assert one.usd.most == pytest.approx(one.usd.planned * 4, rel=1e-3)


def test_machines_draw_more_than_their_own_watts_and_burn_what_their_country_does() -> None:
    found = {
        region: bill({"one": change(POOL, region, scalingConfig=SIZES, instanceTypes=["m7i.large"])})
        for region in ("me-central-1", "eu-central-1")
    }
    for region, one in found.items():
        energy = regions()[region].energy
        assert one.facility.planned == pytest.approx(one.watts.planned * energy.pue)
        assert one.carbon.most == pytest.approx(one.facility.most / 1000 * energy.grid * 730 / 1e6)
    assert found["me-central-1"].watts == found["eu-central-1"].watts
    assert found["me-central-1"].carbon.planned > found["eu-central-1"].carbon.planned
    everything = bill({region: one.items[0].change for region, one in found.items()})
    assert everything.facility.planned == pytest.approx(sum(one.facility.planned for one in found.values()))


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (change(POOL, scalingConfig=SIZES, instanceTypes=["c5.large"]), "no facts of c5.large"),
        (change(POOL, scalingConfig=SIZES), "machine types are not known"),
        (change(POOL, scalingConfig={"desiredSize": UNKNOWN}, instanceTypes=["g5.xlarge"]), "is not known"),
        (change(POOL, "mars-1", scalingConfig=SIZES, instanceTypes=["g5.xlarge"]), "mars-1"),
        (change(POOL, "", scalingConfig=SIZES, instanceTypes=["g5.xlarge"]), "a region that is not known"),
        (change("aws:ec2/natGateway:NatGateway", "mars-1"), "no prices of mars-1"),
        (change("aws:ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Interface", subnetIds=UNKNOWN), "zones"),
        (
            change("aws:rds/instance:Instance", instanceClass="db.x9.huge", allocatedStorage=20),
            "no price of db.x9.huge",
        ),
        (change("aws:s3/bucket:Bucket"), "by use"),
        (change("aws:fsx/lustreFileSystem:LustreFileSystem"), "no price in the catalogue"),
        (change("aws:sagemaker/endpoint:Endpoint"), "no price in the catalogue"),
        (change("azure-native:storage:StorageAccount"), "no price in the catalogue"),
    ],
)
def test_what_is_not_known_is_said_to_be(one: Change, reason: str) -> None:
    found = price(one, {})
    assert isinstance(found, Gap)
    assert reason in found.reason


@pytest.mark.parametrize(
    "type_", ["aws:ec2/vpc:Vpc", "aws:iam/role:Role", "aws:s3/bucketPolicy:BucketPolicy", "kubernetes:core/v1:Pod"]
)
def test_what_is_free_costs_nothing(type_: str) -> None:
    assert price(change(type_), {}) is None


@pytest.mark.parametrize(
    ("one", "usd", "listed"),
    [
        (change("aws:eks/cluster:Cluster", version="of the future"), 73.0, True),
        (change("aws:eks/cluster:Cluster", version="1.30"), 438.0, True),
        (change("aws:ec2/natGateway:NatGateway"), 0.045 * 730 * 1.22793, False),
        (
            change("aws:ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Interface", subnetIds=["a", "b", "c"]),
            26.89,
            False,
        ),
        (
            change("aws:rds/instance:Instance", instanceClass="db.t4g.medium", allocatedStorage=50, multiAz=True),
            130.65,
            False,
        ),
        (
            change("aws:elasticache/replicationGroup:ReplicationGroup", nodeType="cache.m7g.large", numCacheClusters=2),
            226.61,
            False,
        ),
        (
            change(
                "aws:elasticache/replicationGroup:ReplicationGroup",
                nodeType="cache.m7g.large",
                numNodeGroups=2,
                replicasPerNodeGroup=1,
            ),
            453.21,
            False,
        ),
        (change("aws:kms/key:Key"), 1.0, True),
    ],
)
def test_parts_have_their_list_prices(one: Change, usd: float, listed: bool) -> None:
    found = price(one, {})
    assert isinstance(found, Price)
    assert found.usd.planned == pytest.approx(usd, abs=0.01)
    assert found.listed is listed


def test_a_gateway_endpoint_is_free() -> None:
    assert price(change("aws:ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Gateway"), {}) is None

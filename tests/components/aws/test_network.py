from ipaddress import ip_network
from typing import Any

import pulumi_aws as aws
import pytest

from components.aws.network import Network, NetworkArgs
from components.subnets import SubnetError
from tests.components.aws import rig

ENDPOINTS = ("ecr.api", "sts")


def network(*, zones: str = "abc", prod: bool = True, **settings: Any) -> tuple[Network, dict[str, rig.Made]]:
    built: list[Network] = []
    given = {"cidr": "10.20.0.0/16", "flow_log_days": 400, "log_key": rig.key("audit"), "endpoints": ENDPOINTS}
    args = NetworkArgs(context=rig.context(zones=zones, prod=prod), **{**given, **settings})
    made = rig.deployed(lambda: built.append(Network("net", args)))
    return built[0], made


def subnets(made: dict[str, rig.Made], tier: str) -> dict[str, rig.Made]:
    return {one.name[-1]: one for one in rig.of_type(made, "Subnet") if one.inputs["tags"]["tier"] == tier}


def test_three_tiers_over_the_zones() -> None:
    built, made = network()
    for tier in ("private", "public", "intra"):
        found = subnets(made, tier)
        assert {letter: one.inputs["availabilityZone"] for letter, one in found.items()} == {
            letter: f"me-central-1{letter}" for letter in "abc"
        }
        assert not any(one.inputs["mapPublicIpOnLaunch"] for one in found.values())
        assert set(rig.known(getattr(built.network, tier))) == set(rig.context().zones)
    assert subnets(made, "private")["a"].inputs["tags"]["kubernetes.io/role/internal-elb"] == "1"
    assert subnets(made, "public")["a"].inputs["tags"]["kubernetes.io/role/elb"] == "1"


def test_a_zone_in_between_changes_no_other() -> None:
    before, after = network(zones="ac", nat="single")[1], network(zones="abc", nat="single")[1]
    grown = {"net-private-acl", "net-public-acl", "net-intra-acl", "net-endpoints-s3"}
    grown |= {f"net-endpoints-{service.replace('.', '-')}" for service in ENDPOINTS}
    assert {name for name, one in before.items() if one.inputs != after[name].inputs} == grown
    assert all("-b" in name for name in after.keys() - before.keys())


@pytest.mark.parametrize(("nat", "gateways"), [("per-zone", "abc"), ("single", "a"), ("none", "")])
def test_machines_reach_out_through_their_zones_gateway(nat: str, gateways: str) -> None:
    _, made = network(nat=nat)
    assert {one.name[-1] for one in rig.of_type(made, "NatGateway")} == set(gateways)
    assert len(rig.of_type(made, "Eip")) == len(gateways)
    for letter in "abc" if gateways else "":
        route = made[f"net-routes-private-{letter}-out"]
        assert f"net-routes-nat-{letter if nat == 'per-zone' else 'a'}" in route.depends_on
        assert route.inputs["destinationCidrBlock"] == "0.0.0.0/0"
    assert gateways or not [name for name in made if name.startswith("net-routes-private") and name.endswith("-out")]


def test_machines_come_after_their_ways_out() -> None:
    def build() -> None:
        given = {"cidr": "10.20.0.0/16", "flow_log_days": 400, "log_key": rig.key("audit"), "endpoints": ENDPOINTS}
        network = Network("net", NetworkArgs(context=rig.context(), **given)).network
        aws.ec2.NetworkInterface("machine", subnet_id=network.private["me-central-1b"])

    machine = rig.deployed(build)["machine"]
    assert machine.depends_on >= {"net-private-b", "net-routes-private-b-out", "net-endpoints-s3", "net-endpoints-sts"}
    assert "net-routes-private-a-out" not in machine.depends_on


def test_the_inner_tier_has_no_way_out() -> None:
    _, made = network()
    assert not [one for one in rig.of_type(made, "Route") if "net-routes-intra" in one.depends_on]
    acl = made["net-intra-acl"].inputs
    assert [rule["cidrBlock"] for rule in acl["ingress"] + acl["egress"]] == ["10.20.0.0/16"] * 2


def test_only_answers_come_in_to_machines_and_tls_to_gateways() -> None:
    _, made = network(ipv6=True)
    for tier, ports in (("private", []), ("public", [(443, 443), (443, 443)])):
        rules = made[f"net-{tier}-acl"].inputs["ingress"]
        outside = [
            rule for rule in rules if rule.get("cidrBlock") == "0.0.0.0/0" or rule.get("ipv6CidrBlock") == "::/0"
        ]
        opened = [(rule["fromPort"], rule["toPort"]) for rule in outside if rule["protocol"] in ("tcp", "udp")]
        assert sorted(opened) == sorted([*ports, *[(1024, 65535)] * 4])
        assert [rule["icmpType"] for rule in outside if "icmpType" in rule] == [3, 2]
        assert len({rule["ruleNo"] for rule in rules}) == len(rules)


def test_defaults_are_closed() -> None:
    _, made = network()
    for name in ("net-default-group", "net-default-acl"):
        assert (made[name].inputs["ingress"], made[name].inputs["egress"]) == ([], [])
    assert made["net-default-routes"].inputs["routes"] == []


def test_endpoints_take_tls_from_the_network_and_serve_this_account() -> None:
    _, made = network()
    group = made["net-endpoints-clients"].inputs
    assert [(rule["fromPort"], rule["toPort"], rule["cidrBlocks"]) for rule in group["ingress"]] == [
        (443, 443, ["10.20.0.0/16"])
    ]
    assert group["egress"] == []
    for name in ("net-endpoints-ecr-api", "net-endpoints-sts", "net-endpoints-s3"):
        said = made[name].document("policy")["Statement"][0]
        assert said["Condition"]["StringEquals"]["aws:PrincipalAccount"] == rig.ACCOUNT
    s3 = made["net-endpoints-s3"]
    assert s3.inputs["vpcEndpointType"] == "Gateway"
    assert s3.depends_on >= {f"net-routes-private-{letter}" for letter in "abc"}
    assert "net-routes-intra" not in s3.depends_on


def test_pods_reach_s3_at_an_address_of_the_network() -> None:
    """Their walls let out to the network only, and what the gateway routes are public addresses."""
    _, made = network(endpoints=("s3", "sts"))
    inside, gateway = made["net-endpoints-s3-interface"].inputs, made["net-endpoints-s3"].inputs
    assert (inside["vpcEndpointType"], inside["privateDnsEnabled"]) == ("Interface", True)
    assert inside["dnsOptions"] == {"privateDnsOnlyForInboundResolverEndpoint": False}, "or pods would not be led there"
    assert inside["policy"] == gateway["policy"]
    assert "dnsOptions" not in made["net-endpoints-sts"].inputs


@pytest.mark.parametrize("prod", [True, False])
def test_traffic_is_logged_encrypted_and_by_a_role_that_does_only_that(prod: bool) -> None:
    _, made = network(prod=prod)
    group = made["net-flow-group"]
    assert (group.inputs["kmsKeyId"], group.inputs["retentionInDays"]) == (rig.key("audit").arn, 400)
    assert (group.protect, group.retain, group.inputs["skipDestroy"]) == (prod, prod, prod)
    assert made["net-flow-log"].inputs["trafficType"] == "ALL"
    for statement in made["net-flow-writer-rights"].document("policy")["Statement"]:
        assert all(action.startswith("logs:") for action in rig.listed(statement["Action"]))
        assert all(one.startswith(f"arn:aws:logs:{rig.REGION}:") for one in rig.listed(statement["Resource"]))
    trust = made["net-flow-writer-role"].document("assumeRolePolicy")["Statement"][0]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": rig.ACCOUNT}


def test_v6_has_a_way_out_and_none_in() -> None:
    _, made = network(ipv6=True)
    found = [ip_network(one.inputs["ipv6CidrBlock"]) for one in rig.of_type(made, "Subnet")]
    assert len(set(found)) == 9
    assert {one.prefixlen for one in found} == {64}
    assert made["net-routes-private-a-out-v6"].depends_on >= {"net-routes-gateway-v6"}
    assert made["net-routes-gateway-v6"].type.endswith(":EgressOnlyInternetGateway")
    assert "net-routes-gateway-v6" not in network()[1]


def test_an_address_range_that_is_too_small_is_refused() -> None:
    with pytest.raises(SubnetError, match="too small"):
        network(cidr="10.20.0.0/24")

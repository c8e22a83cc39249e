"""A private network of three tiers over the region's zones.

Public subnets hold gateways only; private ones machines and pods, which reach out and are not reached; intra ones
databases, caches and file systems, with no way out at all. What AWS makes with every network is closed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws.context import Context
from components.aws.endpoints import SERVICES, Endpoints, EndpointsArgs
from components.aws.flow_log import FlowLog, FlowLogArgs
from components.aws.routes import Nat, Routes, RoutesArgs
from components.subnets import allocate, allocate_v6

_ALL = {"protocol": "-1", "from_port": 0, "to_port": 0}
# Answers to what goes out, and that a packet was too large: without it, long transfers hang.
_ANSWERS = [{"protocol": protocol, "from_port": 1024, "to_port": 65535} for protocol in ("tcp", "udp")]
_TOO_LARGE = {
    "cidr_block": {"protocol": "icmp", "from_port": 0, "to_port": 0, "icmp_type": 3, "icmp_code": 4},
    "ipv6_cidr_block": {"protocol": "58", "from_port": 0, "to_port": 0, "icmp_type": 2, "icmp_code": 0},
}
_TLS = {"protocol": "tcp", "from_port": 443, "to_port": 443}
_ANY, _ANY_V6 = "0.0.0.0/0", "::/0"
# Kubernetes finds the subnets of its load balancers, and Karpenter those of its machines, by these.
_ROLES = {"public": "kubernetes.io/role/elb", "private": "kubernetes.io/role/internal-elb"}
_DISCOVERY = "karpenter.sh/discovery"


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    context: Context
    cidr: str
    """IPv4, /16 to /22: see `components.subnets`."""
    ipv6: bool = False
    """Whether it also has a /56 of AWS's addresses."""
    nat: Nat = "per-zone"
    flow_log_days: int
    log_key: contracts.Key
    endpoints: Sequence[str] = field(default=SERVICES)
    """AWS services with a private way in, besides S3."""


class Network(pulumi.ComponentResource):
    """`network` is what others need of it; `prefix_lists` are the lists of addresses that it routes, by service."""

    network: contracts.Network
    prefix_lists: Mapping[str, contracts.Text]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Network", name, {}, opts)
        self._name, self._args, self._context = name, args, args.context
        self._child = pulumi.ResourceOptions(parent=self)
        self._zones = {zone[-1]: zone for zone in args.context.zones}

        self._vpc = self._make_vpc()
        self._close_defaults()
        subnets = {tier: self._make_subnets(tier, cidrs) for tier, cidrs in self._cidrs().items()}
        ids = {tier: {letter: subnet.id for letter, subnet in of.items()} for tier, of in subnets.items()}
        routes = Routes(
            f"{name}-routes",
            RoutesArgs(context=args.context, vpc=self._vpc.id, subnets=ids, nat=args.nat, ipv6=args.ipv6),
            self._child,
        )
        self._make_acls(subnets)
        endpoints = Endpoints(
            f"{name}-endpoints",
            EndpointsArgs(
                context=args.context,
                vpc=self._vpc.id,
                cidr=args.cidr,
                subnets=ids["private"],
                route_tables=routes.private,
                services=args.endpoints,
            ),
            self._child,
        )
        flow_log = FlowLogArgs(context=args.context, vpc=self._vpc.id, days=args.flow_log_days, key=args.log_key)
        FlowLog(f"{name}-flow", flow_log, self._child)

        private = {letter: _after(id_, *routes.ways[letter], *endpoints.urns) for letter, id_ in ids["private"].items()}
        by_zone = {
            tier: {self._zones[letter]: id_ for letter, id_ in of.items()}
            for tier, of in {**ids, "private": private}.items()
        }
        self.prefix_lists = {"s3": endpoints.prefix_list}
        self.network = contracts.Network(id=self._vpc.id, cidr=args.cidr, **by_zone)
        self.register_outputs({})

    def _cidrs(self) -> Mapping[str, Mapping[str, str]]:
        return allocate(self._args.cidr, self._zones).tiers()

    def _make_vpc(self) -> aws.ec2.Vpc:
        return aws.ec2.Vpc(
            f"{self._name}-vpc",
            cidr_block=self._args.cidr,
            assign_generated_ipv6_cidr_block=self._args.ipv6,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            instance_tenancy="default",
            tags=self._context.tagged(f"{self._name}-vpc"),
            opts=self._child,
        )

    def _close_defaults(self) -> None:
        """Nobody uses what AWS makes with a network: who does so by mistake reaches nothing."""
        aws.ec2.DefaultSecurityGroup(
            f"{self._name}-default-group",
            vpc_id=self._vpc.id,
            ingress=[],
            egress=[],
            tags=self._context.tagged(f"{self._name}-default-group"),
            opts=self._child,
        )
        aws.ec2.DefaultNetworkAcl(
            f"{self._name}-default-acl",
            default_network_acl_id=self._vpc.default_network_acl_id,
            ingress=[],
            egress=[],
            tags=self._context.tagged(f"{self._name}-default-acl"),
            opts=self._child,
        )
        aws.ec2.DefaultRouteTable(
            f"{self._name}-default-routes",
            default_route_table_id=self._vpc.default_route_table_id,
            routes=[],
            tags=self._context.tagged(f"{self._name}-default-routes"),
            opts=self._child,
        )

    def _make_subnets(self, tier: str, cidrs: Mapping[str, str]) -> dict[str, aws.ec2.Subnet]:
        return {letter: self._make_subnet(tier, letter, cidr) for letter, cidr in cidrs.items()}

    def _make_subnet(self, tier: str, letter: str, cidr: str) -> aws.ec2.Subnet:
        name = f"{self._name}-{tier}-{letter}"
        found_by = {_ROLES[tier]: "1"} if tier in _ROLES else {}
        if tier == "private":
            found_by[_DISCOVERY] = self._context.stack
        v6 = (
            self._vpc.ipv6_cidr_block.apply(lambda block: allocate_v6(block, letter, tier)) if self._args.ipv6 else None
        )
        return aws.ec2.Subnet(
            name,
            vpc_id=self._vpc.id,
            availability_zone=self._zones[letter],
            cidr_block=cidr,
            ipv6_cidr_block=v6,
            assign_ipv6_address_on_creation=self._args.ipv6,
            map_public_ip_on_launch=False,
            tags=self._context.tagged(name, tier=tier, **found_by),
            opts=self._child,
        )

    def _make_acls(self, subnets: Mapping[str, Mapping[str, aws.ec2.Subnet]]) -> None:
        """What may pass a tier's edge at all; security groups say who may speak to whom within."""
        inwards = {"intra": [], "private": _ANSWERS, "public": [_TLS, *_ANSWERS]}
        for tier, outside in inwards.items():
            name = f"{self._name}-{tier}-acl"
            aws.ec2.NetworkAcl(
                name,
                vpc_id=self._vpc.id,
                subnet_ids=[subnet.id for subnet in subnets[tier].values()],
                ingress=self._rules(outside),
                egress=self._rules([_ALL] if outside else []),
                tags=self._context.tagged(name),
                opts=self._child,
            )

    def _rules(self, outside: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Everything between the network's own addresses, and this for all others."""
        sources: list[tuple[str, Any, str]] = [("cidr_block", self._args.cidr, _ANY)]
        if self._args.ipv6:
            sources.append(("ipv6_cidr_block", self._vpc.ipv6_cidr_block, _ANY_V6))
        wanted = [
            {key: who, **rule}
            for key, ours, others in sources
            for who, rules in ((ours, [_ALL]), (others, [*outside, _TOO_LARGE[key]] if outside else []))
            for rule in rules
        ]
        return [{"rule_no": 100 + 10 * place, "action": "allow", **rule} for place, rule in enumerate(wanted)]


def _after(value: pulumi.Output[str], *urns: contracts.Text) -> pulumi.Output[str]:
    """A value to be used after those resources: machines come after their ways out, and go before them.

    URNs are known in every plan, so that a new way out leaves the value known.
    """
    return pulumi.Output.all(value, *urns).apply(lambda known: known[0])

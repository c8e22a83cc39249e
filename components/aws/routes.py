"""The ways in and out of a network: gateways, and the tables that lead to them.

Public subnets reach the internet and are reached; private ones reach out through NAT; intra ones go nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components.aws.context import Context
from components.contracts import Text

Nat = Literal["per-zone", "single", "none"]
_ANY, _ANY_V6 = "0.0.0.0/0", "::/0"


@dataclass(frozen=True, kw_only=True)
class RoutesArgs:
    context: Context
    vpc: Text
    subnets: Mapping[str, Mapping[str, Text]]
    """By tier and zone letter."""
    nat: Nat
    ipv6: bool


class Routes(pulumi.ComponentResource):
    """`private` are the private subnets' tables, by zone letter; `ways` the URNs of what leads machines out."""

    private: Mapping[str, Text]
    ways: Mapping[str, Sequence[Text]]

    def __init__(self, name: str, args: RoutesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Routes", name, {}, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._zones = list(args.subnets["private"])
        self._ways: dict[str, list[Text]] = {letter: [] for letter in self._zones}
        tables = self._make_tables()
        gateway = self._way_in_and_out(tables["public"])
        private = {letter: tables[f"private-{letter}"] for letter in self._zones}
        self._ways_out(private, gateway)
        if args.ipv6 and args.nat != "none":
            self._ways_out_v6(private)
        self.private = {letter: table.id for letter, table in private.items()}
        self.ways = self._ways
        self.register_outputs({})

    def _make_tables(self) -> dict[str, aws.ec2.RouteTable]:
        """One for the gateways, one that leads nowhere and one for each zone's machines."""
        tables = {name: self._table(name) for name in ("public", "intra", *(f"private-{one}" for one in self._zones))}
        for tier, subnets in self._args.subnets.items():
            for letter, subnet in subnets.items():
                table = tables[f"private-{letter}" if tier == "private" else tier]
                name = f"{self._name}-{tier}-{letter}-subnet"
                made = aws.ec2.RouteTableAssociation(name, subnet_id=subnet, route_table_id=table.id, opts=self._child)
                if tier == "private":
                    self._ways[letter].append(made.urn)
        return tables

    def _table(self, purpose: str) -> aws.ec2.RouteTable:
        name = f"{self._name}-{purpose}"
        tags = self._args.context.tagged(name)
        return aws.ec2.RouteTable(name, vpc_id=self._args.vpc, tags=tags, opts=self._child)

    def _route(self, purpose: str, table: aws.ec2.RouteTable, **where: Any) -> Text:
        return aws.ec2.Route(f"{self._name}-{purpose}", route_table_id=table.id, **where, opts=self._child).urn

    def _way_in_and_out(self, public: aws.ec2.RouteTable) -> aws.ec2.InternetGateway:
        name = f"{self._name}-gateway"
        tags = self._args.context.tagged(name)
        gateway = aws.ec2.InternetGateway(name, vpc_id=self._args.vpc, tags=tags, opts=self._child)
        self._route("public-out", public, destination_cidr_block=_ANY, gateway_id=gateway.id)
        if self._args.ipv6:
            self._route("public-out-v6", public, destination_ipv6_cidr_block=_ANY_V6, gateway_id=gateway.id)
        return gateway

    def _ways_out(self, private: Mapping[str, aws.ec2.RouteTable], internet: aws.ec2.InternetGateway) -> None:
        # The one gateway stays in the first zone: zones are added behind it.
        first = self._zones[0]
        served = {"per-zone": self._zones, "single": [first], "none": []}[self._args.nat]
        gateways = {letter: self._nat(letter, internet) for letter in served}
        for letter, table in private.items() if gateways else ():
            gateway = gateways.get(letter) or gateways[first]
            where = {"destination_cidr_block": _ANY, "nat_gateway_id": gateway.id}
            self._ways[letter].append(self._route(f"private-{letter}-out", table, **where))

    def _nat(self, letter: str, internet: aws.ec2.InternetGateway) -> aws.ec2.NatGateway:
        name, context = f"{self._name}-nat-{letter}", self._args.context
        after = pulumi.ResourceOptions(parent=self, depends_on=[internet])
        address = aws.ec2.Eip(f"{name}-address", domain="vpc", tags=context.tagged(f"{name}-address"), opts=after)
        return aws.ec2.NatGateway(
            name,
            subnet_id=self._args.subnets["public"][letter],
            allocation_id=address.id,
            connectivity_type="public",
            tags=context.tagged(name),
            opts=after,
        )

    def _ways_out_v6(self, private: Mapping[str, aws.ec2.RouteTable]) -> None:
        name = f"{self._name}-gateway-v6"
        tags = self._args.context.tagged(name)
        gateway = aws.ec2.EgressOnlyInternetGateway(name, vpc_id=self._args.vpc, tags=tags, opts=self._child)
        for letter, table in private.items():
            where = {"destination_ipv6_cidr_block": _ANY_V6, "egress_only_gateway_id": gateway.id}
            self._ways[letter].append(self._route(f"private-{letter}-out-v6", table, **where))

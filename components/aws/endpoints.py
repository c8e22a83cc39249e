"""Private ways from a network to AWS's own services, open to this account only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.context import Context
from components.contracts import Text

SERVICES = (
    "autoscaling",
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticfilesystem",
    "elasticloadbalancing",
    "kms",
    "logs",
    "monitoring",
    "secretsmanager",
    "sqs",
    "sts",
)
"""What machines and controllers of a cluster ask for without an internet. S3 has a way of its own."""

ESSENTIAL = ("ecr.api", "ecr.dkr", "kms", "logs", "sts")
"""What every network needs a private way to (NET-008); NAT leads to the others, and each endpoint costs by the hour."""

PODS = ("s3", "secretsmanager")
"""What pods ask for whose walls let out to the private network only. S3's gateway is none for them: it routes public
addresses. With an endpoint in the network, machines reach S3 through it too, at a price by the GB."""
SNAPSHOTS = ("ec2",)
"""What they ask for who back disks up."""

# They hold data: nobody takes it to another account's store through them. The others also serve what AWS owns, such as
# machine images and the images of add-ons.
_HOLD_DATA = frozenset({"elasticfilesystem", "kms", "logs", "secretsmanager", "sqs"})

# Its names lead the whole network here; AWS's default is only those who ask from outside of it.
_FOR_ALL = aws.ec2.VpcEndpointDnsOptionsArgs(private_dns_only_for_inbound_resolver_endpoint=False)


@dataclass(frozen=True, kw_only=True)
class EndpointsArgs:
    context: Context
    vpc: Text
    cidr: str
    """The network's addresses, which may ask."""
    subnets: Mapping[str, Text]
    """By zone letter; an address of each endpoint is in each."""
    route_tables: Mapping[str, Text]
    """Those of the subnets that reach S3."""
    services: Sequence[str] = SERVICES
    """With an address in the network each; `s3` besides its gateway."""


class Endpoints(pulumi.ComponentResource):
    """`urns` of all of them."""

    urns: Sequence[Text]
    prefix_list: Text
    """Id of the list of S3's addresses, which the gateway routes."""

    def __init__(self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Endpoints", name, {}, opts)
        context, child = args.context, pulumi.ResourceOptions(parent=self)
        s3 = aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=args.vpc,
            vpc_endpoint_type="Gateway",
            service_name=_service(context, "s3"),
            route_table_ids=list(args.route_tables.values()),
            policy=json.dumps(_policy(context, "s3")),
            tags=context.tagged(f"{name}-s3"),
            opts=child,
        )
        group = aws.ec2.SecurityGroup(
            f"{name}-clients",
            description="TLS from the network to the endpoints of AWS services",
            vpc_id=args.vpc,
            ingress=[
                {
                    "description": "TLS from the network",
                    "protocol": "tcp",
                    "from_port": 443,
                    "to_port": 443,
                    "cidr_blocks": [args.cidr],
                }
            ],
            egress=[],
            revoke_rules_on_delete=False,
            tags=context.tagged(f"{name}-clients"),
            opts=child,
        )
        others = [
            aws.ec2.VpcEndpoint(
                f"{name}-{_name(service)}",
                vpc_id=args.vpc,
                vpc_endpoint_type="Interface",
                service_name=_service(context, service),
                private_dns_enabled=True,
                dns_options=_FOR_ALL if service == "s3" else None,
                subnet_ids=list(args.subnets.values()),
                security_group_ids=[group.id],
                policy=json.dumps(_policy(context, service)),
                tags=context.tagged(f"{name}-{_name(service)}"),
                opts=child,
            )
            for service in args.services
        ]
        self.prefix_list = s3.prefix_list_id
        self.urns = [endpoint.urn for endpoint in (s3, *others)]
        self.register_outputs({})


def _service(context: Context, service: str) -> str:
    return f"com.amazonaws.{context.region}.{service}"


def _allow(actions: str, resources: Any, condition: Mapping[str, Any]) -> dict[str, Any]:
    said = {"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": resources}
    return {**said, "Condition": condition} if condition else said


def _document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _name(service: str) -> str:
    """Of its resource: `s3` by itself is the gateway."""
    return "s3-interface" if service == "s3" else service.replace(".", "-")


def _policy(context: Context, service: str) -> dict[str, Any]:
    if service == "s3":
        return _s3_policy(context)
    ours = {"aws:PrincipalAccount": context.account}
    if service in _HOLD_DATA:
        ours["aws:ResourceAccount"] = context.account
    statements = [_allow("*", "*", {"StringEquals": ours})]
    if service == "sts":
        # Who takes a role by a token is nobody of an account yet.
        roles = f"arn:aws:iam::{context.account}:role/*"
        statements.append(_allow("sts:AssumeRoleWithWebIdentity", roles, {}))
    return _document(*statements)


def _s3_policy(context: Context) -> dict[str, Any]:
    """This account's buckets, and what AWS gives machines from its own: layers of images and packages of the system."""
    ours = {"aws:PrincipalAccount": context.account, "aws:ResourceAccount": context.account}
    given = [
        f"arn:aws:s3:::prod-{context.region}-starport-layer-bucket/*",
        f"arn:aws:s3:::al2023-repos-{context.region}-de612dc2/*",
    ]
    return _document(_allow("s3:*", "*", {"StringEquals": ours}), _allow("s3:GetObject", given, {}))

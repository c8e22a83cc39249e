"""Roles of the account: who may take each is said narrowly, and what it may do by statements that name resources."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.context import Context
from components.contracts import Text

Statement = Mapping[str, Any]
MANAGED = "arn:aws:iam::aws:policy"
"""Before the names of AWS's own policies."""


def document(*statements: Statement) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [dict(statement) for statement in statements]}


def allow(
    actions: Sequence[str], resources: Sequence[Text] | Text, condition: Mapping[str, Any] | None = None
) -> Statement:
    said: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": resources}
    return {**said, "Condition": condition} if condition else said


def by_service(service: str, condition: Mapping[str, Any] | None = None) -> Statement:
    """Trust in a service of AWS."""
    return _trust({"Service": f"{service}.amazonaws.com"}, ["sts:AssumeRole"], condition)


def by_pods(context: Context, cluster: str, namespace: str, account: str) -> Statement:
    """Trust in the pods of one service account of one cluster, which EKS names in tags of their sessions."""
    named = {
        "aws:SourceAccount": context.account,
        "aws:RequestTag/eks-cluster-arn": cluster,
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": account,
    }
    return _trust({"Service": "pods.eks.amazonaws.com"}, ["sts:AssumeRole", "sts:TagSession"], {"StringEquals": named})


def by_web(context: Context, issuer: str, subject: str, audience: str) -> Statement:
    """Trust in exactly one subject of an OIDC issuer, which is given without its scheme."""
    provider = f"arn:aws:iam::{context.account}:oidc-provider/{issuer}"
    said = {f"{issuer}:sub": subject, f"{issuer}:aud": audience}
    return _trust({"Federated": provider}, ["sts:AssumeRoleWithWebIdentity"], {"StringEquals": said})


def by_roles(roles: Sequence[str], *, mfa: bool) -> Statement:
    """Trust in roles, with a second factor where their sessions can show one."""
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}} if mfa else None
    return _trust({"AWS": list(roles)}, ["sts:AssumeRole"], condition)


def _trust(principal: Mapping[str, Any], actions: Sequence[str], condition: Mapping[str, Any] | None) -> Statement:
    said: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": list(actions)}
    return {**said, "Condition": condition} if condition else said


def role_arn(context: Context, purpose: str) -> str:
    """A role's ARN, known beforehand."""
    return f"arn:aws:iam::{context.account}:role/{role_name(context, purpose)}"


def role_name(context: Context, purpose: str) -> str:
    """Raises ValueError for more than IAM's 64 characters."""
    name = f"{context.stack}-{purpose}"
    if len(name) > 64:
        raise ValueError(f"role {name!r} has {len(name)} characters, IAM takes 64: shorten the stack's name")
    return name


@dataclass(frozen=True, kw_only=True)
class RoleArgs:
    context: Context
    purpose: str
    """The role's name after the stack's."""
    trust: Statement
    managed: Sequence[str] = ()
    """AWS's own policies, by their names."""
    statements: Sequence[Statement] = ()
    late: Sequence[Statement] = ()
    """Those about what has no name yet: in a policy of their own, so that the gate can read the others beforehand."""
    boundary: Text | None = None
    """ARN of the policy that no right of the role goes beyond."""
    session_hours: int = 1
    """How long a session lasts at most, 1 to 12."""


class Role(pulumi.ComponentResource):
    """A role; wait for the component and its rights are there, too."""

    arn: pulumi.Output[str]
    name: pulumi.Output[str]

    def __init__(self, name: str, args: RoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Role", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-role",
            name=role_name(args.context, args.purpose),
            assume_role_policy=json.dumps(document(args.trust)),
            max_session_duration=args.session_hours * 3600,
            permissions_boundary=args.boundary,
            tags=args.context.tagged(f"{name}-role"),
            opts=child,
        )
        for policy in args.managed:
            aws.iam.RolePolicyAttachment(
                f"{name}-{policy.rsplit('/', 1)[-1]}", role=role.name, policy_arn=f"{MANAGED}/{policy}", opts=child
            )
        for kind, statements in (("rights", args.statements), ("late-rights", args.late)):
            if statements:
                aws.iam.RolePolicy(
                    f"{name}-{kind}",
                    name=kind,
                    role=role.name,
                    policy=pulumi.Output.json_dumps(document(*statements)),
                    opts=child,
                )
        self.arn, self.name = role.arn, role.name
        self.register_outputs({})


def machine_role(name: str, context: Context, purpose: str, parent: pulumi.Resource, boundary: Text | None) -> Role:
    """A role of machines, to join and to pull images. Pods on a machine's own network can take it: it does no more."""
    managed = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"]
    args = RoleArgs(context=context, purpose=purpose, trust=by_service("ec2"), managed=managed, boundary=boundary)
    return Role(name, args, pulumi.ResourceOptions(parent=parent))

"""A role for the pods of one service account: what they read and write, in which stores, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws.context import Context
from components.aws.role import Role, RoleArgs, Statement, allow, by_pods
from components.contracts import ObjectStore, Text

_READ = ["s3:GetObject", "s3:GetObjectVersion"]
# A deleted object leaves its versions behind: taking those away is nobody's here.
_WRITE = ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]


@dataclass(frozen=True, kw_only=True)
class Duty:
    """Whose pods they are, and the prefixes (`runs/`, "" for all) that they read and write, by store."""

    namespace: str
    service_account: str
    reads: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    writes: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])


@dataclass(frozen=True, kw_only=True)
class PodIdentityArgs:
    context: Context
    cluster: contracts.Cluster
    purpose: str
    duty: Duty
    stores: Mapping[str, ObjectStore]
    """By what they are for: `lake`. Their keys need no right here, they let whoever reaches the objects through S3."""
    secrets: Sequence[Text] = ()
    """ARNs of what the pods open, such as a database's password."""
    statements: Sequence[Statement] = ()
    """What else they may."""
    boundary: Text | None = None

    def __post_init__(self) -> None:
        if unknown := {*self.duty.reads, *self.duty.writes} - set(self.stores):
            raise ValueError(f"duty {self.purpose!r} is about stores that there are not: {', '.join(sorted(unknown))}")


class PodIdentity(pulumi.ComponentResource):
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: PodIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:PodIdentity", name, {}, opts)
        child, context, duty = pulumi.ResourceOptions(parent=self), args.context, args.duty
        cluster = context.arn("eks", f"cluster/{context.stack}")
        made = RoleArgs(
            context=context,
            purpose=args.purpose,
            trust=by_pods(context, cluster, duty.namespace, duty.service_account),
            statements=[*_objects(args), *args.statements],
            late=[allow(["secretsmanager:GetSecretValue"], list(args.secrets))] if args.secrets else [],
            boundary=args.boundary,
        )
        role = Role(f"{name}-identity", made, child)
        associate(name, context, args.cluster, duty.namespace, duty.service_account, role, self)
        self.arn = role.arn
        self.register_outputs({})


def associate(
    name: str,
    context: Context,
    cluster: contracts.Cluster,
    namespace: str,
    service_account: str,
    role: Role,
    parent: pulumi.Resource,
) -> None:
    """Hands a role to the pods of one service account; the role trusts just those (`by_pods`)."""
    aws.eks.PodIdentityAssociation(
        f"{name}-association",
        cluster_name=cluster.name,
        namespace=namespace,
        service_account=service_account,
        role_arn=role.arn,
        tags=context.tagged(f"{name}-association"),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _objects(args: PodIdentityArgs) -> list[Statement]:
    said: list[Statement] = []
    own = {"StringEquals": {"aws:ResourceAccount": args.context.account}}
    for actions, prefixes in ((_READ, args.duty.reads), (_WRITE, args.duty.writes)):
        for store, below in prefixes.items():
            said.append(allow(actions, [_within(args.stores[store], f"/{prefix}*") for prefix in below], own))
    for store in sorted({*args.duty.reads, *args.duty.writes}):
        below = sorted({*args.duty.reads.get(store, ()), *args.duty.writes.get(store, ())})
        listed = {**own, "StringLike": {"s3:prefix": [f"{prefix}*" for prefix in below]}}
        said.append(allow(["s3:ListBucket"], _within(args.stores[store], ""), listed))
    return said


def _within(store: ObjectStore, path: str) -> Text:
    """An ARN in a bucket: a text where the bucket's name is one, which the gate can read before there is a bucket."""
    if isinstance(store.name, str):
        return f"arn:aws:s3:::{store.name}{path}"
    return pulumi.Output.concat("arn:aws:s3:::", store.name, path)

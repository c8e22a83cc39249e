"""What Karpenter's controller may do, after the policies of its 1.14 getting-started template.

It starts machines with the cluster's tags only, and changes and ends none but those. Narrower than the template: all in
this account; no instance profiles of its own, since IAM is reached from no private network; and no search of price
lists, which AWS serves from other regions (prices come from Karpenter's own list).
"""

from typing import Any

from components.aws.context import Context
from components.aws.role import Statement, allow

_START = ["ec2:RunInstances", "ec2:CreateFleet"]
_READ = [
    "ec2:DescribeCapacityReservations",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribePlacementGroups",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSpotPriceHistory",
    "ec2:DescribeSubnets",
]


def rights(context: Context, machine_role: str, queue: str) -> list[Statement]:
    return [*_start(context), *_change(context), *_find(context), *_hand_on(machine_role), *_hear(queue)]


def _owned(context: Context, kind: str) -> dict[str, Any]:
    """That the tags of a resource (`Resource`), or those asked for (`Request`), are the cluster's."""
    equal = {f"aws:{kind}Tag/kubernetes.io/cluster/{context.stack}": "owned"}
    if kind == "Request":
        equal["aws:RequestTag/eks:eks-cluster-name"] = context.stack
    return {"StringEquals": equal, "StringLike": {f"aws:{kind}Tag/karpenter.sh/nodepool": "*"}}


def _start(context: Context) -> list[Statement]:
    given = [f"arn:aws:ec2:{context.region}::{kind}/*" for kind in ("image", "snapshot")]
    kinds = ("security-group", "subnet", "capacity-reservation", "placement-group")
    given += [context.arn("ec2", f"{kind}/*") for kind in kinds]
    made = [context.arn("ec2", f"{kind}/*") for kind in _MADE]
    asked = _owned(context, "Request")
    creating = {"ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"]}
    return [
        allow(_START, given),
        allow(_START, context.arn("ec2", "launch-template/*"), _owned(context, "Resource")),
        allow([*_START, "ec2:CreateLaunchTemplate"], made, asked),
        allow(["ec2:CreateTags"], made, {**asked, "StringEquals": {**asked["StringEquals"], **creating}}),
    ]


_MADE = ("fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request")


def _change(context: Context) -> list[Statement]:
    owned = _owned(context, "Resource")
    renaming = {
        **owned,
        "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": context.stack},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]},
    }
    ended = [context.arn("ec2", f"{kind}/*") for kind in ("instance", "launch-template")]
    return [
        allow(["ec2:CreateTags"], context.arn("ec2", "instance/*"), renaming),
        allow(["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"], ended, owned),
    ]


def _find(context: Context) -> list[Statement]:
    cluster = context.arn("eks", f"cluster/{context.stack}")
    return [
        allow(_READ, "*", {"StringEquals": {"aws:RequestedRegion": context.region}}),
        allow(["ssm:GetParameter"], f"arn:aws:ssm:{context.region}::parameter/aws/service/*"),
        allow(["eks:DescribeCluster"], cluster),
        allow(
            ["arc-zonal-shift:GetManagedResource"],
            "*",
            {"StringEquals": {"arc-zonal-shift:ResourceIdentifier": cluster}},
        ),
    ]


def _hand_on(machine_role: str) -> list[Statement]:
    return [
        allow(["iam:PassRole"], machine_role, {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
        allow(["iam:GetInstanceProfile", "iam:ListInstanceProfiles"], "*"),
    ]


def _hear(queue: str) -> list[Statement]:
    return [allow(["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"], queue)]

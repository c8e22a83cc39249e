"""A record of all traffic in a network, in an encrypted log group."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.context import Context
from components.aws.role import Role, RoleArgs, Statement, allow, by_service
from components.contracts import Key, Text


@dataclass(frozen=True, kw_only=True)
class FlowLogArgs:
    context: Context
    vpc: Text
    days: int
    """How long it is kept; one of the numbers of days that CloudWatch Logs knows."""
    key: Key
    boundary: Text | None = None
    """ARN of the policy that no right of a role goes beyond."""


class FlowLog(pulumi.ComponentResource):
    """`group` is the log group's ARN."""

    group: Text

    def __init__(self, name: str, args: FlowLogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:FlowLog", name, {}, opts)
        context, child = args.context, pulumi.ResourceOptions(parent=self)
        group = aws.cloudwatch.LogGroup(
            f"{name}-group",
            name=_group_name(context),
            kms_key_id=args.key.arn,
            retention_in_days=args.days,
            log_group_class="STANDARD",
            deletion_protection_enabled=context.prod,
            skip_destroy=context.prod,
            tags=context.tagged(f"{name}-group"),
            opts=context.stateful(self),
        )
        right = RoleArgs(
            context=context,
            purpose="flow-log",
            trust=_trust(context),
            statements=_writes(context),
            boundary=args.boundary,
        )
        role = Role(f"{name}-writer", right, child)
        aws.ec2.FlowLog(
            f"{name}-log",
            vpc_id=args.vpc,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=60,
            tags=context.tagged(f"{name}-log"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role]),
        )
        self.group = group.arn
        self.register_outputs({})


def _group_name(context: Context) -> str:
    return f"/falaj/{context.stack}/flow-log"


def _trust(context: Context) -> Statement:
    """The service, and only for flow logs of this account and region."""
    ours = {
        "StringEquals": {"aws:SourceAccount": context.account},
        "ArnLike": {"aws:SourceArn": context.arn("ec2", "vpc-flow-log/*")},
    }
    return by_service("vpc-flow-logs", ours)


def _writes(context: Context) -> list[Statement]:
    group = context.arn("logs", f"log-group:{_group_name(context)}")
    streams = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    # The service looks for its group among all of them.
    return [
        allow(streams, [group, f"{group}:*"]),
        allow(["logs:DescribeLogGroups"], context.arn("logs", "log-group:*")),
    ]

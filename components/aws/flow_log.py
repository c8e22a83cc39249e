"""A record of all traffic in a network, in an encrypted log group."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.context import Context
from components.contracts import Key, Text


@dataclass(frozen=True, kw_only=True)
class FlowLogArgs:
    context: Context
    vpc: Text
    days: int
    """How long it is kept; one of the numbers of days that CloudWatch Logs knows."""
    key: Key


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
        role = aws.iam.Role(
            f"{name}-role",
            name=f"{context.stack}-flow-log-{context.region}",
            assume_role_policy=json.dumps(_trust(context)),
            tags=context.tagged(f"{name}-role"),
            opts=child,
        )
        writes = aws.iam.RolePolicy(f"{name}-writes", role=role.name, policy=json.dumps(_writes(context)), opts=child)
        aws.ec2.FlowLog(
            f"{name}-log",
            vpc_id=args.vpc,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=60,
            tags=context.tagged(f"{name}-log"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[writes]),
        )
        self.group = group.arn
        self.register_outputs({})


def _group_name(context: Context) -> str:
    return f"/falaj/{context.stack}/flow-log"


def _trust(context: Context) -> dict[str, object]:
    """The service, and only for flow logs of this account and region."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": context.account},
            "ArnLike": {"aws:SourceArn": context.arn("ec2", "vpc-flow-log/*")},
        },
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _writes(context: Context) -> dict[str, object]:
    group = context.arn("logs", f"log-group:{_group_name(context)}")
    streams = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        "Resource": [group, f"{group}:*"],
    }
    # The service looks for its group among all of them.
    groups = {"Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": context.arn("logs", "log-group:*")}
    return {"Version": "2012-10-17", "Statement": [streams, groups]}

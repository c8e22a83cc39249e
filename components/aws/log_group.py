"""Log groups of AWS's services: sealed, kept for a time, and there before a service makes one of its own."""

import pulumi
import pulumi_aws as aws

from components.aws.context import Context
from components.contracts import Key


def log_group(
    name: str, context: Context, group: str, *, days: int, key: Key, parent: pulumi.Resource
) -> aws.cloudwatch.LogGroup:
    """The group of that name; `days` is one of the numbers of days that CloudWatch Logs knows."""
    return aws.cloudwatch.LogGroup(
        name,
        name=group,
        kms_key_id=key.arn,
        retention_in_days=days,
        log_group_class="STANDARD",
        deletion_protection_enabled=context.prod,
        skip_destroy=context.prod,
        tags=context.tagged(name),
        opts=context.stateful(parent),
    )

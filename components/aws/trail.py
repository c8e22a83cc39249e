"""The account's record of who did what, in the country, where nobody can change it.

The trail is of all regions although the stack is of one. What happens elsewhere in the account (IAM's calls, the root
user's sign-ins: both are recorded in us-east-1) comes into the country's bucket and log group; nothing of this region
leaves it. A trail of one region would miss those, and whoever works in a region where nobody should.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws.bucket_policy import bucket_arn, bucket_name
from components.aws.context import Context
from components.aws.log_group import log_group
from components.aws.role import Role, RoleArgs, Statement, allow, by_service


@dataclass(frozen=True, kw_only=True)
class TrailArgs:
    context: Context
    store: contracts.ObjectStore
    """The bucket of the audit trail."""
    key: contracts.Key
    log_key: contracts.Key
    log_days: int
    """How long the log is kept at hand, for alarms and questions; the bucket keeps it longer."""
    after: Sequence[pulumi.Resource] = ()
    """What must be there first: CloudTrail tries at once whether it may write into the bucket."""
    boundary: contracts.Text | None = None
    """ARN of the policy that no right of a role goes beyond."""


class Trail(pulumi.ComponentResource):
    """`log` is the name of the log group that alarms read."""

    log: contracts.Text

    def __init__(self, name: str, args: TrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Trail", name, {}, opts)
        context = args.context
        group = log_group(f"{name}-log", context, _group(context), days=args.log_days, key=args.log_key, parent=self)
        role = RoleArgs(
            context=context,
            purpose="trail",
            trust=_trust(context),
            statements=[_writes(context)],
            boundary=args.boundary,
        )
        writer = Role(f"{name}-writer", role, pulumi.ResourceOptions(parent=self))
        options = pulumi.ResourceOptions(depends_on=[group, writer, *args.after])
        aws.cloudtrail.Trail(
            f"{name}-trail",
            name=context.stack,
            enable_logging=True,
            enable_log_file_validation=True,
            is_multi_region_trail=True,
            include_global_service_events=True,
            is_organization_trail=False,
            kms_key_id=args.key.arn,
            s3_bucket_name=args.store.name,
            cloud_watch_logs_group_arn=context.arn("logs", f"log-group:{_group(context)}:*"),
            cloud_watch_logs_role_arn=writer.arn,
            advanced_event_selectors=[_management(), _objects(context)],
            tags=context.tagged(f"{name}-trail"),
            opts=pulumi.ResourceOptions.merge(context.stateful(self), options),
        )
        self.log = group.name
        self.register_outputs({})


def _group(context: Context) -> str:
    return f"/falaj/{context.stack}/trail"


def _management() -> aws.cloudtrail.TrailAdvancedEventSelectorArgs:
    """Everything, uses of keys included: the first copy costs nothing in CloudTrail."""
    return _selector("Management", {"eventCategory": {"equals": ["Management"]}})


def _objects(context: Context) -> aws.cloudtrail.TrailAdvancedEventSelectorArgs:
    """Reads and writes of the stack's objects; not of its logs, where each record would make another."""
    written = [f"arn:aws:s3:::{bucket_name(context, purpose)}/" for purpose in ("audit", "logs")]
    chosen = {
        "eventCategory": {"equals": ["Data"]},
        "resources.type": {"equals": ["AWS::S3::Object"]},
        "resources.ARN": {"starts_withs": [f"arn:aws:s3:::{context.stack}-"], "not_starts_withs": written},
    }
    return _selector("Objects", chosen)


def _selector(name: str, chosen: dict[str, dict[str, list[str]]]) -> aws.cloudtrail.TrailAdvancedEventSelectorArgs:
    fields = [
        aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(field=field, **how) for field, how in chosen.items()
    ]
    return aws.cloudtrail.TrailAdvancedEventSelectorArgs(name=name, field_selectors=fields)


def _trust(context: Context) -> Statement:
    trail = context.arn("cloudtrail", f"trail/{context.stack}")
    ours = {"StringEquals": {"aws:SourceAccount": context.account, "aws:SourceArn": trail}}
    return by_service("cloudtrail", ours)


def _writes(context: Context) -> Statement:
    """Streams of the trail's own names, of any region, in the one group."""
    group = context.arn("logs", f"log-group:{_group(context)}")
    return allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{group}:log-stream:{context.account}_CloudTrail_*")

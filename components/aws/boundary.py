"""The policy that no role of the region goes beyond: one region of one account, and hands off what records it all."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.context import Context
from components.aws.role import allow, document

_NAMES = (
    "access-analyzer autoscaling backup budgets cloudformation cloudtrail cloudwatch ec2 ecr eks elasticache"
    " elasticfilesystem elasticloadbalancing events fsx guardduty kms logs rds s3 secretsmanager sns sqs ssm"
)
SERVICES = tuple(_NAMES.split())
"""What a region is made of."""
_READS = [f"{service}:{verb}*" for service in SERVICES for verb in ("Describe", "List")]
UNSCOPED = [
    *_READS,
    "arc-zonal-shift:GetManagedResource",
    "cloudwatch:PutMetricData",
    "ecr:GetAuthorizationToken",
    "guardduty:CreateDetector",
    "kms:CreateKey",
    "secretsmanager:GetRandomPassword",
]
"""Actions that IAM knows no resource of, of all that roles of a region need."""

# Services with one endpoint in the world, whose requests are of its region wherever they come from.
_GLOBAL = ["budgets:*", "iam:*", "health:*", "sts:*"]
_AUDIT = [
    "backup:DeleteBackupVault*",
    "backup:DeleteRecoveryPoint",
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "ec2:DeleteFlowLogs",
    "guardduty:DeleteDetector",
    "guardduty:UpdateDetector",
    "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
    "logs:DeleteLogGroup",
    "logs:DeleteLogStream",
    "s3:BypassGovernanceRetention",
    "s3:PutBucketObjectLockConfiguration",
]
_ESCALATION = [
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:UpdateAccountPasswordPolicy",
]
_REWRITING = ["iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"]


@dataclass(frozen=True, kw_only=True)
class BoundaryArgs:
    context: Context


class Boundary(pulumi.ComponentResource):
    """`arn` is the `permissions_boundary` of every role of the region."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: BoundaryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Boundary", name, {}, opts)
        made = aws.iam.Policy(
            f"{name}-policy",
            name=policy_arn(args.context).rsplit("/", 1)[-1],
            description=f"No role of {args.context.stack} goes beyond this",
            policy=json.dumps(policy(args.context), separators=(",", ":")),
            tags=args.context.tagged(f"{name}-policy"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = made.arn
        self.register_outputs({})


def policy_arn(context: Context) -> str:
    """The boundary's ARN, known beforehand."""
    return f"arn:aws:iam::{context.account}:policy/{context.stack}-boundary"


def policy(context: Context) -> dict[str, Any]:
    here = {"StringEquals": {"aws:RequestedRegion": context.region}}
    away = {"StringNotEquals": {"aws:RequestedRegion": context.region}}
    own = [
        context.arn("*", "*"),
        f"arn:aws:ec2:{context.region}::image/*",
        f"arn:aws:ec2:{context.region}::snapshot/*",
        f"arn:aws:ssm:{context.region}::parameter/aws/*",
        f"arn:aws:s3:::{context.stack}-*",
        f"arn:aws:iam::{context.account}:*",
        f"arn:aws:budgets::{context.account}:*",
    ]
    return document(
        allow(["*"], own),
        allow(UNSCOPED, "*", here),
        allow(["iam:List*", "iam:Get*"], "*"),
        {"Sid": "Residency", "Effect": "Deny", "NotAction": _GLOBAL, "Resource": "*", "Condition": away},
        _deny("Audit", _AUDIT, "*"),
        _deny("Escalation", _ESCALATION, "*"),
        _deny("Boundary", _REWRITING, policy_arn(context)),
    )


def _deny(sid: str, actions: list[str], resource: str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Deny", "Action": actions, "Resource": resource}

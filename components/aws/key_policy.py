"""Who may use a key, by its purpose: what the policy of the key says.

The account's principals use it through the purpose's services only, and those services that write by themselves do.
The account's administrators manage keys and cannot use them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from components.aws.context import Context

Statement = dict[str, Any]
_Writer = Callable[[Context], list[Statement]]

_ADMINISTRATION = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
]
_USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
# What a grant may hand on: use, and never further grants.
_GRANTED = [
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
]
# It launches the machines of node pools and opens their disks by itself.
_AUTOSCALING = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"


@dataclass(frozen=True, kw_only=True)
class _Use:
    """What a key is for."""

    via: Sequence[str]
    """Services through which the account's principals use it."""
    writers: Sequence[str] = ()
    """Services that use it by themselves: of `_WRITERS`."""
    role: str = ""
    """A service-linked role that uses it."""
    direct: bool = False
    """Whether whoever makes a cluster grants its use without a service in between."""


_PURPOSES: Mapping[str, _Use] = MappingProxyType(
    {
        "storage": _Use(via=["s3"]),
        "audit": _Use(via=["s3", "sns", "sqs"], writers=["logs", "cloudtrail", "cloudwatch", "events", "budgets"]),
        # EKS takes no key whose grants are bound to AWS resources (`kms:GrantIsForAWSResource`).
        "cluster": _Use(via=["eks", "sqs"], writers=["logs", "events"], direct=True),
        "volumes": _Use(via=["ec2"], role=_AUTOSCALING),
        "database": _Use(via=["rds"], writers=["logs"]),
        "cache": _Use(via=["elasticache"], writers=["logs"]),
        "registry": _Use(via=["ecr"]),
        "files": _Use(via=["elasticfilesystem", "fsx"], writers=["logs"]),
        "backup": _Use(via=["backup"]),
        "secrets": _Use(via=["secretsmanager", "ssm"]),
    }
)
PURPOSES = tuple(_PURPOSES)


def policy(context: Context, purpose: str) -> dict[str, Any]:
    """The policy of the key for a purpose. Raises ValueError for one that there is not."""
    if purpose not in _PURPOSES:
        raise ValueError(f"no key is for {purpose!r}: use one of {', '.join(PURPOSES)}")
    use = _PURPOSES[purpose]
    return {
        "Version": "2012-10-17",
        "Statement": [
            _statement("Administer", {"AWS": f"arn:aws:iam::{context.account}:root"}, _ADMINISTRATION, {}),
            *_through_services(context, use),
            *_by_role(context, use),
            *(statement for writer in use.writers for statement in _WRITERS[writer](context)),
        ],
    }


def _statement(
    sid: str, principal: Mapping[str, Any], actions: Sequence[str], condition: Mapping[str, Any]
) -> Statement:
    said: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": dict(principal),
        "Action": list(actions),
        "Resource": "*",
    }
    return {**said, "Condition": dict(condition)} if condition else said


def _through_services(context: Context, use: _Use) -> list[Statement]:
    """The account's principals, as far as the service lets them: what AWS's own keys of a service say, too."""
    services = [f"{service}.{context.region}.amazonaws.com" for service in use.via]
    through = {"kms:CallerAccount": context.account, "kms:ViaService": services}
    granting = {"StringEquals": through, "Bool": {"kms:GrantIsForAWSResource": "true"}}
    made = [
        _statement("UseThroughServices", {"AWS": "*"}, _USE, {"StringEquals": through}),
        _statement("GrantToServices", {"AWS": "*"}, ["kms:CreateGrant"], granting),
    ]
    if use.direct:
        bound = {"ForAllValues:StringEquals": {"kms:GrantOperations": _GRANTED}}
        own = {"AWS": f"arn:aws:iam::{context.account}:root"}
        made.append(_statement("GrantToCluster", own, ["kms:CreateGrant"], bound))
    return made


def _by_role(context: Context, use: _Use) -> list[Statement]:
    """A role that is named in a condition need not be there yet; KMS refuses a policy whose principal is not."""
    if not use.role:
        return []
    who: dict[str, Any] = {
        "StringEquals": {"kms:CallerAccount": context.account},
        "ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{context.account}:role/{use.role}"},
    }
    return [
        _statement("UseByRole", {"AWS": "*"}, _USE, who),
        _statement(
            "GrantByRole", {"AWS": "*"}, ["kms:CreateGrant"], {**who, "Bool": {"kms:GrantIsForAWSResource": "true"}}
        ),
    ]


def _cloudtrail(context: Context) -> list[Statement]:
    service = {"Service": "cloudtrail.amazonaws.com"}
    source = {"ArnLike": {"aws:SourceArn": context.arn("cloudtrail", "trail/*")}}
    trails = {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{context.account}:trail/*"}
    return [
        _statement("Trails", service, ["kms:GenerateDataKey*"], {**source, "StringLike": trails}),
        _statement("DescribeToTrails", service, ["kms:DescribeKey"], source),
    ]


def _logs(context: Context) -> list[Statement]:
    groups = {"kms:EncryptionContext:aws:logs:arn": context.arn("logs", "log-group:*")}
    service = {"Service": f"logs.{context.region}.amazonaws.com"}
    return [_statement("LogGroups", service, _USE, {"ArnLike": groups})]


def _sender(service: str) -> _Writer:
    def made(context: Context) -> list[Statement]:
        own = {"StringEquals": {"aws:SourceAccount": context.account}}
        principal = {"Service": f"{service}.amazonaws.com"}
        return [_statement(service.capitalize(), principal, ["kms:Decrypt", "kms:GenerateDataKey*"], own)]

    return made


_WRITERS: Mapping[str, _Writer] = MappingProxyType(
    {
        "logs": _logs,
        "cloudtrail": _cloudtrail,
        **{service: _sender(service) for service in ("cloudwatch", "events", "budgets")},
    }
)

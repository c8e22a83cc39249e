"""What a bucket is called and who may do what with it, in names that are known beforehand: a plan shows all of it."""

from collections.abc import Sequence
from typing import Any, Literal

from components.aws.context import Context

Writer = Literal["access-logs", "cloudtrail"]
"""AWS services that write into a bucket by themselves."""
_LONGEST_NAME = 63


def bucket_name(context: Context, purpose: str) -> str:
    """A bucket's name, known beforehand. Raises ValueError when S3 would refuse it."""
    name = f"{context.stack}-{purpose}-{context.account}-{context.region}"
    if len(name) > _LONGEST_NAME:
        spare = _LONGEST_NAME - len(name) + len(context.stack)
        raise ValueError(f"bucket name {name} has {len(name)} characters: name the stack with {spare} or fewer")
    return name


def bucket_arn(context: Context, purpose: str) -> str:
    """A bucket's ARN, known beforehand."""
    return f"arn:aws:s3:::{bucket_name(context, purpose)}"


def policy(context: Context, purpose: str, writers: Sequence[Writer]) -> dict[str, Any]:
    """The policy of the bucket for a purpose, to which these services write."""
    bucket = bucket_arn(context, purpose)
    sealed = f"arn:aws:kms:{context.region}:{context.account}:key/*"
    header = "s3:x-amz-server-side-encryption"
    denied: dict[str, Any] = {
        "NoPlainText": ("s3:*", {"Bool": {"aws:SecureTransport": "false"}}),
        "NoOldTls": ("s3:*", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
        "NobodyElse": (
            "s3:*",
            {
                "StringNotEquals": {"aws:PrincipalAccount": context.account},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        ),
    }
    if "access-logs" not in writers:
        # What says nothing is sealed by the bucket's default.
        denied |= {
            "NoOtherSeal": (
                "s3:PutObject",
                {"StringNotEquals": {header: "aws:kms"}, "Null": {header: "false"}},
            ),
            "NoForeignKey": (
                "s3:PutObject",
                {
                    "ArnNotLike": {f"{header}-aws-kms-key-id": sealed},
                    "Null": {f"{header}-aws-kms-key-id": "false"},
                },
            ),
        }
    refusals = [
        {
            "Sid": sid,
            "Effect": "Deny",
            "Principal": "*",
            "Action": action,
            "Resource": [bucket, f"{bucket}/*"] if action == "s3:*" else f"{bucket}/*",
            "Condition": condition,
        }
        for sid, (action, condition) in denied.items()
    ]
    written = [statement for writer in writers for statement in _writes(context, writer, bucket)]
    return {"Version": "2012-10-17", "Statement": [*refusals, *written]}


def _writes(context: Context, writer: Writer, bucket: str) -> list[dict[str, Any]]:
    """What a service of AWS does by itself, for this account only."""

    def may(sid: str, service: str, action: str, resource: str, **conditions: Any) -> dict[str, Any]:
        said = {"Sid": sid, "Effect": "Allow", "Principal": {"Service": service}, "Action": action}
        return {**said, "Resource": resource, "Condition": conditions}

    if writer == "access-logs":
        ours = {"StringEquals": {"aws:SourceAccount": context.account}}
        buckets = {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{context.stack}-*"}}
        service = "logging.s3.amazonaws.com"
        return [may("WriteAccessLogs", service, "s3:PutObject", f"{bucket}/*", **ours, **buckets)]
    service, trails = "cloudtrail.amazonaws.com", {"ArnLike": {"aws:SourceArn": context.arn("cloudtrail", "trail/*")}}
    objects = f"{bucket}/AWSLogs/{context.account}/*"
    kept = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}
    return [
        may("FindTrailBucket", service, "s3:GetBucketAcl", bucket, **trails),
        may("WriteTrail", service, "s3:PutObject", objects, **trails, **kept),
    ]

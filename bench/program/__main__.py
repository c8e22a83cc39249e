"""As many AWS resources as $RESOURCES says, of the kinds a platform stack has, all as the rules want them."""

import json
import os

import pulumi
import pulumi_aws as aws

TAGS = {
    "cost-centre": "ml",
    "data-class": "internal",
    "env": "prod",
    "owner": "platform",
    "purpose": "bench",
    "retention": "1y",
    "tenant": "shared",
}
PER_GROUP = 8


def group(index: int, options: pulumi.ResourceOptions) -> None:
    """A bucket with all that belongs to one, its key, a log group and a security group."""
    name = f"n{index}"
    key = aws.kms.Key(
        name,
        enable_key_rotation=True,
        rotation_period_in_days=365,
        deletion_window_in_days=30,
        multi_region=False,
        policy=_ROOT_ONLY,
        tags=TAGS,
        opts=options,
    )
    bucket = aws.s3.Bucket(name, bucket=f"bench-{name}", force_destroy=False, tags=TAGS, opts=options)
    aws.s3.BucketServerSideEncryptionConfiguration(
        name,
        bucket=bucket.id,
        rules=[
            {
                "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn},
                "bucket_key_enabled": True,
            }
        ],
        opts=options,
    )
    aws.s3.BucketPublicAccessBlock(
        name,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=options,
    )
    aws.s3.BucketVersioning(name, bucket=bucket.id, versioning_configuration={"status": "Enabled"}, opts=options)
    aws.s3.BucketPolicy(name, bucket=bucket.id, policy=_tls_only(f"arn:aws:s3:::bench-{name}"), opts=options)
    aws.cloudwatch.LogGroup(name, retention_in_days=365, kms_key_id=key.arn, tags=TAGS, opts=options)
    aws.ec2.SecurityGroup(
        name,
        ingress=[{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/16"]}],
        egress=[{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/16"]}],
        tags=TAGS,
        opts=options,
    )


def _tls_only(arn: str) -> str:
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [deny]})


_ROOT_ONLY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)
provider = aws.Provider("me", region="me-central-1", skip_credentials_validation=True)
for number in range(int(os.environ["RESOURCES"]) // PER_GROUP):
    group(number, pulumi.ResourceOptions(provider=provider, protect=True))

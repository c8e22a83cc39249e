"""A bucket that only this account reaches, by TLS, and that seals all it holds with a key of one's own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws.bucket_policy import Writer, bucket_name, policy
from components.aws.context import Context

_UPLOAD_DAYS = 7
_CHEAPER = aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(days=30, storage_class="INTELLIGENT_TIERING")


@dataclass(frozen=True, kw_only=True)
class ObjectStoreArgs:
    context: Context
    purpose: str
    key: contracts.Key
    log_bucket: contracts.Text | None
    """Where S3 writes who asked for what; none for the bucket of those logs itself."""
    lock_days: int | None = None
    """How long nobody can change or delete an object. A bucket gets a lock when it is made, or never."""
    noncurrent_days: int
    """How long what was overwritten or deleted is kept."""
    expire_days: int | None = None
    """How long objects are kept at all; for ever where nothing is said."""
    tiering: bool = True
    """Whether objects that nobody reads become cheaper after 30 days."""
    writers: Sequence[Writer] = ()
    """AWS services that write by themselves."""


class ObjectStore(pulumi.ComponentResource):
    """`store` is what others need of it."""

    store: contracts.ObjectStore

    def __init__(self, name: str, args: ObjectStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:ObjectStore", name, {}, opts)
        self._name, self._args = name, args
        # A bucket that outlives its stack keeps its seal, its lock and its policy.
        self._kept = args.context.stateful(self)
        bucket = self._bucket()
        self._seal(bucket)
        versioning = self._keep_versions(bucket)
        closed = self._close(bucket)
        self._expire(bucket, versioning)
        self._lock(bucket, versioning)
        self._log(bucket, closed)
        self.store = contracts.ObjectStore(name=bucket.bucket, arn=bucket.arn, key=args.key)
        self.register_outputs({})

    def _bucket(self) -> aws.s3.Bucket:
        context, purpose = self._args.context, self._args.purpose
        return aws.s3.Bucket(
            f"{self._name}-bucket",
            bucket=bucket_name(context, purpose),
            force_destroy=False,
            object_lock_enabled=self._args.lock_days is not None,
            tags=context.tagged(f"{self._name}-bucket", purpose=purpose),
            opts=self._kept,
        )

    def _seal(self, bucket: aws.s3.Bucket) -> None:
        """S3 delivers access logs into no bucket that seals with a key of KMS."""
        delivered = "access-logs" in self._args.writers
        default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="AES256" if delivered else "aws:kms",
            kms_master_key_id=None if delivered else self._args.key.arn,
        )
        rule = aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
            apply_server_side_encryption_by_default=default, bucket_key_enabled=not delivered
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{self._name}-seal", bucket=bucket.id, rules=[rule], opts=self._kept
        )

    def _keep_versions(self, bucket: aws.s3.Bucket) -> aws.s3.BucketVersioning:
        enabled = aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled")
        return aws.s3.BucketVersioning(
            f"{self._name}-versions", bucket=bucket.id, versioning_configuration=enabled, opts=self._kept
        )

    def _close(self, bucket: aws.s3.Bucket) -> aws.s3.BucketPolicy:
        owned = aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced")
        owner = aws.s3.BucketOwnershipControls(f"{self._name}-owner", bucket=bucket.id, rule=owned, opts=self._kept)
        private = aws.s3.BucketPublicAccessBlock(
            f"{self._name}-private",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._kept,
        )
        # S3 refuses two of these changes at once.
        after = self._after(owner, private)
        said = json.dumps(policy(self._args.context, self._args.purpose, self._args.writers))
        return aws.s3.BucketPolicy(f"{self._name}-policy", bucket=bucket.id, policy=said, opts=after)

    def _expire(self, bucket: aws.s3.Bucket, versioning: pulumi.Resource) -> None:
        args, part = self._args, aws.s3
        everything = part.BucketLifecycleConfigurationRuleArgs(
            id="everything",
            status="Enabled",
            filter=part.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
            abort_incomplete_multipart_upload=part.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=_UPLOAD_DAYS
            ),
            noncurrent_version_expiration=part.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=args.noncurrent_days
            ),
            expiration=None
            if args.expire_days is None
            else part.BucketLifecycleConfigurationRuleExpirationArgs(days=args.expire_days),
            transitions=[_CHEAPER] if args.tiering else None,
        )
        after = self._after(versioning)
        aws.s3.BucketLifecycleConfiguration(f"{self._name}-life", bucket=bucket.id, rules=[everything], opts=after)

    def _lock(self, bucket: aws.s3.Bucket, versioning: pulumi.Resource) -> None:
        """In production nobody lifts the lock, not even the account's root; elsewhere those may who have the right."""
        if self._args.lock_days is None:
            return
        mode = "COMPLIANCE" if self._args.context.prod else "GOVERNANCE"
        aws.s3.BucketObjectLockConfiguration(
            f"{self._name}-lock",
            bucket=bucket.id,
            object_lock_enabled="Enabled",
            rule={"default_retention": {"mode": mode, "days": self._args.lock_days}},
            opts=self._after(versioning),
        )

    def _log(self, bucket: aws.s3.Bucket, closed: pulumi.Resource) -> None:
        if self._args.log_bucket is None:
            return
        aws.s3.BucketLogging(
            f"{self._name}-log",
            bucket=bucket.id,
            target_bucket=self._args.log_bucket,
            target_prefix=f"{self._args.purpose}/",
            target_object_key_format={"partitioned_prefix": {"partition_date_source": "EventTime"}},
            opts=self._after(closed),
        )

    def _after(self, *others: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(self._kept, pulumi.ResourceOptions(depends_on=list(others)))

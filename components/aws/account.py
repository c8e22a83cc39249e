"""What holds for the whole account in this region, whoever makes something there: so nothing is open by mistake.

These settings are the account's, not the stack's: they stay when the stack goes, for others may rely on them.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws.context import Context


@dataclass(frozen=True, kw_only=True)
class AccountArgs:
    context: Context
    volume_key: contracts.Key
    """Seals disks for which nobody names a key."""


class Account(pulumi.ComponentResource):
    def __init__(self, name: str, args: AccountArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Account", name, {}, opts)
        self._name = name
        self._stays = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        self._disks(args.volume_key)
        self._nothing_public()
        self._passwords()
        aws.ec2.InstanceMetadataDefaults(
            f"{name}-metadata",
            http_endpoint="enabled",
            http_tokens="required",
            http_put_response_hop_limit=1,
            instance_metadata_tags="disabled",
            opts=self._stays,
        )
        aws.accessanalyzer.Analyzer(
            f"{name}-analyzer",
            analyzer_name=args.context.stack,
            type="ACCOUNT",
            tags=args.context.tagged(f"{name}-analyzer"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})

    def _disks(self, key: contracts.Key) -> None:
        aws.ebs.EncryptionByDefault(f"{self._name}-disks", enabled=True, opts=self._stays)
        aws.ebs.DefaultKmsKey(f"{self._name}-disk-key", key_arn=key.arn, opts=self._stays)

    def _nothing_public(self) -> None:
        aws.s3.AccountPublicAccessBlock(
            f"{self._name}-buckets",
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._stays,
        )
        aws.ebs.SnapshotBlockPublicAccess(f"{self._name}-snapshots", state="block-all-sharing", opts=self._stays)
        aws.ec2.ImageBlockPublicAccess(f"{self._name}-images", state="block-new-sharing", opts=self._stays)

    def _passwords(self) -> None:
        """Of IAM users, of which a stack makes none."""
        aws.iam.AccountPasswordPolicy(
            f"{self._name}-passwords",
            minimum_password_length=14,
            require_lowercase_characters=True,
            require_uppercase_characters=True,
            require_numbers=True,
            require_symbols=True,
            allow_users_to_change_password=True,
            hard_expiry=False,
            max_password_age=90,
            password_reuse_prevention=24,
            opts=self._stays,
        )

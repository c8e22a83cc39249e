"""Where stacks keep their state, in the country: a bucket, and the key that seals the secrets in it.

Made before any stack. Two keys, so that who may read a state cannot open its secrets by that: the bucket's is used
through S3 only, the other is asked by Pulumi itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws import keys
from components.aws.context import Context
from components.aws.object_store import ObjectStore, ObjectStoreArgs, bucket_name

_PURPOSE = "state"
_SECRETS = "secrets"


@dataclass(frozen=True, kw_only=True)
class StateBackendArgs:
    context: Context
    rotation_days: int
    deletion_days: int
    noncurrent_days: int
    """How long a replaced state can be brought back."""
    log_days: int
    """How long it is known who read or wrote a state."""
    users: Sequence[str] = ()
    """ARNs of the roles that plan and apply; with none, IAM's policies of the account say who may use the key."""


class StateBackend(pulumi.ComponentResource):
    store: contracts.ObjectStore
    secrets: contracts.Key

    def __init__(self, name: str, args: StateBackendArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:StateBackend", name, {}, opts)
        context, child = args.context, pulumi.ResourceOptions(parent=self)
        sealed = keys.KeysArgs(
            context=context,
            purposes=["storage"],
            rotation_days=args.rotation_days,
            deletion_days=args.deletion_days,
        )
        key = keys.Keys(f"{name}-keys", sealed, child).keys["storage"]
        kept: dict[str, Any] = {
            "context": context,
            "key": key,
            "noncurrent_days": args.noncurrent_days,
            "tiering": False,
        }
        logs = ObjectStoreArgs(
            purpose="logs", log_bucket=None, expire_days=args.log_days, writers=["access-logs"], **kept
        )
        log_bucket = ObjectStore(f"{name}-logs", logs, child).store.name
        states = ObjectStoreArgs(purpose=_PURPOSE, log_bucket=log_bucket, **kept)
        self.store = ObjectStore(f"{name}-store", states, child).store
        self.secrets = self._secrets_key(f"{name}-secrets", args)
        self.register_outputs({})

    def _secrets_key(self, name: str, args: StateBackendArgs) -> contracts.Key:
        context = args.context
        key = keys.key_of(
            name,
            context,
            _SECRETS,
            about="secrets in states",
            policy=_policy(context, args.users),
            rotation_days=args.rotation_days,
            deletion_days=args.deletion_days,
            parent=self,
        )
        alias = keys.alias(context, _SECRETS)
        aws.kms.Alias(f"{name}-alias", name=alias, target_key_id=key.key_id, opts=pulumi.ResourceOptions(parent=self))
        return contracts.Key(arn=key.arn, id=key.key_id)


def backend_url(context: Context) -> str:
    """What Pulumi logs in to (`PULUMI_BACKEND_URL`)."""
    return f"s3://{bucket_name(context, _PURPOSE)}?region={context.region}&awssdk=v2"


def secrets_provider(context: Context) -> str:
    """What a stack's secrets are sealed with (`secretsprovider` of a stack file)."""
    return f"awskms://{keys.alias(context, _SECRETS)}?region={context.region}"


def _policy(context: Context, users: Sequence[str]) -> dict[str, Any]:
    """The account administers; the named roles use, or those whom IAM names."""
    administer, *_ = keys.policy(context, _SECRETS)["Statement"]
    use = {
        "Sid": "SealSecretsOfStates",
        "Effect": "Allow",
        "Principal": {"AWS": sorted(users) or f"arn:aws:iam::{context.account}:root"},
        "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [administer, use]}

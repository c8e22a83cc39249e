"""Keys of the region's data, one for each purpose: rotated, of this region only, and never gone at once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.context import Context
from components.aws.key_policy import PURPOSES, policy
from components.contracts import Key


@dataclass(frozen=True, kw_only=True)
class KeysArgs:
    context: Context
    purposes: Sequence[str] = field(default=PURPOSES)
    rotation_days: int
    """Time between two rotations, 90 to 2560 days."""
    deletion_days: int
    """Wait before a key is deleted for good, 7 to 30 days."""


class Keys(pulumi.ComponentResource):
    """`keys` by purpose. The alias of each is `alias/{stack}-{purpose}`."""

    keys: Mapping[str, Key]

    def __init__(self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Keys", name, {}, opts)
        self.keys = {purpose: self._key(name, purpose, args) for purpose in args.purposes}
        self.register_outputs({})

    def _key(self, name: str, purpose: str, args: KeysArgs) -> Key:
        context = args.context
        key = key_of(
            f"{name}-{purpose}",
            context,
            purpose,
            about=purpose,
            policy=policy(context, purpose),
            rotation_days=args.rotation_days,
            deletion_days=args.deletion_days,
            parent=self,
        )
        aws.kms.Alias(
            f"{name}-{purpose}-alias",
            name=alias(context, purpose),
            target_key_id=key.key_id,
            opts=context.stateful(self),
        )
        return Key(arn=key.arn, id=key.key_id)


def key_of(
    name: str,
    context: Context,
    purpose: str,
    *,
    about: str,
    policy: Mapping[str, Any],
    rotation_days: int,
    deletion_days: int,
    parent: pulumi.Resource,
) -> aws.kms.Key:
    """A key of one region that rotates by itself."""
    return aws.kms.Key(
        name,
        description=f"{context.stack}: {about}",
        customer_master_key_spec="SYMMETRIC_DEFAULT",
        key_usage="ENCRYPT_DECRYPT",
        is_enabled=True,
        multi_region=False,
        enable_key_rotation=True,
        rotation_period_in_days=rotation_days,
        deletion_window_in_days=deletion_days,
        bypass_policy_lockout_safety_check=False,
        policy=json.dumps(policy),
        tags=context.tagged(name, purpose=purpose),
        opts=context.stateful(parent),
    )


def alias(context: Context, purpose: str) -> str:
    """A key's other name, known beforehand."""
    return f"alias/{context.stack}-{purpose}"

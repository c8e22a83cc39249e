"""All buckets of a region, and first the one that the others' access logs go to."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pulumi

from components import contracts
from components.aws.context import Context
from components.aws.object_store import ObjectStore, ObjectStoreArgs

DATA = ("lake", "features", "artifacts")
"""Stores of what people and models make; `audit` and `logs` stand beside them."""


@dataclass(frozen=True, kw_only=True)
class DataStoresArgs:
    context: Context
    key: contracts.Key
    """Of the data."""
    audit_key: contracts.Key
    """Of the audit trail: who reads data need not read who did what."""
    lock_days: int
    """How long nobody can change the audit trail."""
    audit_days: int | None = None
    """How long the audit trail is kept; for ever where nothing is said."""
    noncurrent_days: int
    log_days: int
    """How long access logs are kept."""


class DataStores(pulumi.ComponentResource):
    """`stores` by purpose: lake, features, artifacts, audit and logs."""

    stores: Mapping[str, contracts.ObjectStore]

    def __init__(self, name: str, args: DataStoresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:DataStores", name, {}, opts)

        def store(
            purpose: str, key: contracts.Key, log_bucket: contracts.Text | None, **more: Any
        ) -> contracts.ObjectStore:
            given: dict[str, Any] = {"noncurrent_days": args.noncurrent_days, **more}
            made = ObjectStoreArgs(context=args.context, purpose=purpose, key=key, log_bucket=log_bucket, **given)
            return ObjectStore(f"{name}-{purpose}", made, pulumi.ResourceOptions(parent=self)).store

        logs = store("logs", args.audit_key, None, expire_days=args.log_days, tiering=False, writers=["access-logs"])
        audit = store(
            "audit",
            args.audit_key,
            logs.name,
            lock_days=args.lock_days,
            expire_days=args.audit_days,
            writers=["cloudtrail"],
        )
        data = {purpose: store(purpose, args.key, logs.name) for purpose in DATA}
        self.stores = MappingProxyType({"logs": logs, "audit": audit, **data})
        self.register_outputs({})

"""Where a cluster's backups are kept, and who makes them: objects in a bucket, disks as snapshots in the region."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components import contracts
from components.aws.context import Context
from components.aws.object_store import ObjectStore, ObjectStoreArgs
from components.aws.pod_identity import Duty, PodIdentity, PodIdentityArgs
from components.aws.role import Statement, allow
from components.contracts import Text

PURPOSE = "backups"
TAG = "falaj.ae/stack"
"""On every disk of a cluster: whose it is. Snapshots have all of their disk's tags, and disks made of one its."""
_BACKUP = "velero.io/backup"
"""The tag of its own that Velero gives a snapshot, and by that to disks made of it."""


@dataclass(frozen=True, kw_only=True)
class ClusterBackupArgs:
    context: Context
    cluster: contracts.Cluster
    key: contracts.Key
    """Seals the bucket. Snapshots are sealed as their disks are."""
    log_bucket: Text
    noncurrent_days: int
    """How long a backup that was deleted can still be brought back."""
    namespace: str = "velero"
    service_account: str = "velero"
    boundary: Text | None = None


class ClusterBackup(pulumi.ComponentResource):
    """`store` is the bucket."""

    store: contracts.ObjectStore

    def __init__(self, name: str, args: ClusterBackupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:ClusterBackup", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        bucket = ObjectStoreArgs(
            context=args.context,
            purpose=PURPOSE,
            key=args.key,
            log_bucket=args.log_bucket,
            noncurrent_days=args.noncurrent_days,
        )
        self.store = ObjectStore(f"{name}-store", bucket, child).store
        everything = {PURPOSE: [""]}
        duty = Duty(namespace=args.namespace, service_account=args.service_account, reads=everything, writes=everything)
        identity = PodIdentityArgs(
            context=args.context,
            cluster=args.cluster,
            purpose="cluster-backup",
            duty=duty,
            stores={PURPOSE: self.store},
            statements=snapshots(args.context),
            boundary=args.boundary,
        )
        PodIdentity(f"{name}-maker", identity, child)
        self.register_outputs({})


def snapshots(context: Context) -> list[Statement]:
    """Snapshots of the stack's own disks, disks of these, and the end of those that Velero made.

    The plugin's makers (velero-plugin-for-aws 1.14, README) ask for the same of every disk of the account. Keys need no
    right here: those of disks let in whoever comes through EC2.
    """
    volumes, made = context.arn("ec2", "volume/*"), f"arn:aws:ec2:{context.region}::snapshot/*"
    here = {"StringEquals": {"aws:RequestedRegion": context.region}}
    tagging = {"ec2:CreateAction": ["CreateSnapshot", "CreateVolume"]}
    ours = {"StringEquals": {f"aws:ResourceTag/{TAG}": context.stack}}
    asked, there = _tagged(context, "Request"), _tagged(context, "Resource")
    return [
        allow(["ec2:DescribeSnapshots", "ec2:DescribeVolumes"], "*", here),
        allow(["ec2:CreateSnapshot"], volumes, ours),
        allow(["ec2:CreateSnapshot"], made, asked),
        allow(["ec2:CreateVolume"], volumes, asked),
        allow(["ec2:CreateVolume", "ec2:DeleteSnapshot"], made, there),
        allow(["ec2:CreateTags"], [volumes, made], {**asked, "StringEquals": {**asked["StringEquals"], **tagging}}),
    ]


def _tagged(context: Context, kind: str) -> Mapping[str, Mapping[str, Any]]:
    """That the tags of a resource (`Resource`), or those asked for (`Request`), are this stack's and Velero's."""
    return {
        "StringEquals": {f"aws:{kind}Tag/{TAG}": context.stack},
        "StringLike": {f"aws:{kind}Tag/{_BACKUP}": "*"},
    }

"""A shared file system that the cluster's machines mount: EFS for most, FSx for Lustre where many GPUs read at once."""

import json
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws import backup
from components.aws.context import Context

Kind = Literal["efs", "lustre"]
_NFS = (2049, 2049)
# Clients and servers of Lustre open connections to each other.
_LUSTRE = ((988, 988), (1018, 1023))
_USER = 1000
_BACKUP_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class FileStoreArgs:
    context: Context
    kind: Kind
    network: contracts.Network
    key: contracts.Key
    clients: contracts.Text
    """The security group of the cluster's machines."""
    throughput_mibps: int | None = None
    """Of EFS, MiB/s: with none it grows with use. Of Lustre, MB/s for each TiB: 125 (with none), 250, 500 or 1000."""
    capacity_gib: int = 1200
    """Of Lustre: 1200, or a multiple of 2400."""
    restore_tested: str | None = None
    """The day when a backup was last restored to try it, 2026-01-31."""


class FileStore(pulumi.ComponentResource):
    """`store` is what others need of it; `access_point` is where pods enter EFS, as nobody special."""

    store: contracts.FileStore
    access_point: contracts.Text | None

    def __init__(self, name: str, args: FileStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:FileStore", name, {}, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._tags = args.context.tagged(f"{name}-files", **backup.tags(args.context, args.restore_tested))
        self.access_point = None
        id_ = self._efs() if args.kind == "efs" else self._lustre()
        self.store = contracts.FileStore(id=id_, kind=args.kind)
        self.register_outputs({})

    def _efs(self) -> pulumi.Output[str]:
        args = self._args
        files = aws.efs.FileSystem(
            f"{self._name}-files",
            encrypted=True,
            kms_key_id=args.key.arn,
            performance_mode="generalPurpose",
            throughput_mode="provisioned" if args.throughput_mibps else "elastic",
            provisioned_throughput_in_mibps=args.throughput_mibps,
            lifecycle_policies=[
                aws.efs.FileSystemLifecyclePolicyArgs(transition_to_ia="AFTER_30_DAYS"),
                aws.efs.FileSystemLifecyclePolicyArgs(transition_to_primary_storage_class="AFTER_1_ACCESS"),
            ],
            protection=aws.efs.FileSystemProtectionArgs(replication_overwrite="ENABLED"),
            tags=self._tags,
            opts=args.context.stateful(self),
        )
        group = self._group([_NFS], answers=False)
        for zone, subnet in args.network.intra.items():
            aws.efs.MountTarget(
                f"{self._name}-mount-{zone[-1]}",
                file_system_id=files.id,
                subnet_id=subnet,
                security_groups=[group.id],
                opts=self._child,
            )
        aws.efs.FileSystemPolicy(
            f"{self._name}-policy",
            file_system_id=files.id,
            policy=json.dumps(_policy(args.context)),
            bypass_policy_lockout_safety_check=False,
            opts=args.context.stateful(self),
        )
        # The region's own plan backs it up, sealed with the region's key; AWS's automatic one would use AWS's.
        off = aws.efs.BackupPolicyBackupPolicyArgs(status="DISABLED")
        aws.efs.BackupPolicy(f"{self._name}-automatic", file_system_id=files.id, backup_policy=off, opts=self._child)
        self.access_point = self._entrance(files)
        return files.id

    def _entrance(self, files: aws.efs.FileSystem) -> pulumi.Output[str]:
        owner = aws.efs.AccessPointRootDirectoryCreationInfoArgs(owner_uid=_USER, owner_gid=_USER, permissions="0770")
        return aws.efs.AccessPoint(
            f"{self._name}-shared",
            file_system_id=files.id,
            posix_user=aws.efs.AccessPointPosixUserArgs(uid=_USER, gid=_USER),
            root_directory=aws.efs.AccessPointRootDirectoryArgs(path="/shared", creation_info=owner),
            tags=self._args.context.tagged(f"{self._name}-shared"),
            opts=self._child,
        ).id

    def _lustre(self) -> pulumi.Output[str]:
        """It lies in one zone: the network's first."""
        args, group = self._args, self._group(_LUSTRE, answers=True)
        return aws.fsx.LustreFileSystem(
            f"{self._name}-files",
            deployment_type="PERSISTENT_2",
            storage_type="SSD",
            storage_capacity=args.capacity_gib,
            per_unit_storage_throughput=args.throughput_mibps or 125,
            data_compression_type="LZ4",
            file_system_type_version="2.15",
            kms_key_id=args.key.arn,
            subnet_ids=next(iter(args.network.intra.values())),
            security_group_ids=[group.id],
            automatic_backup_retention_days=_BACKUP_DAYS,
            copy_tags_to_backups=True,
            skip_final_backup=False,
            tags=self._tags,
            opts=args.context.stateful(self),
        ).id

    def _group(self, ports: Any, *, answers: bool) -> aws.ec2.SecurityGroup:
        """The cluster's machines come in; where `answers`, the servers also reach them and each other."""
        rules: list[dict[str, Any]] = [
            {
                "description": "the cluster's machines",
                "protocol": "tcp",
                "from_port": first,
                "to_port": last,
                "security_groups": [self._args.clients],
                "self": answers,
            }
            for first, last in ports
        ]
        name = f"{self._name}-group"
        made: Any = {"ingress": rules, "egress": rules if answers else []}
        return aws.ec2.SecurityGroup(
            name,
            description="Files for the cluster's machines",
            vpc_id=self._args.network.id,
            revoke_rules_on_delete=False,
            tags=self._args.context.tagged(name),
            opts=self._child,
            **made,
        )


def _policy(context: Context) -> dict[str, Any]:
    """By TLS and through a mount target only, and as root of the files nobody."""
    anybody, own = {"AWS": "*"}, {"AWS": f"arn:aws:iam::{context.account}:root"}
    mount = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    mounted = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Mount", "Effect": "Allow", "Principal": own, "Action": mount, "Condition": mounted},
            {"Sid": "NoPlainText", "Effect": "Deny", "Principal": anybody, "Action": "*", "Condition": plain},
        ],
    }

"""Volumes: disks sealed with the region's key for whoever names no class, and shared files where there are any."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components import contracts
from components.kubernetes.context import Context

DISKS = "falaj"
"""The class of disks, the cluster's default. They are read and written on one machine at a time."""
OWNER = "falaj.ae/stack"
"""The tag of disks that says whose they are: who backs them up has rights on these alone."""
FILES = "falaj-files"
"""The class of shared files: many machines read and write them."""
_DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}
# Users of the access points that the driver makes: beside those of images, which are lower as a rule.
_USERS = (50_000, 60_000)


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    context: Context
    key: contracts.Key
    """Seals the disks."""
    files: contracts.FileStore | None = None
    """Those of EFS get a class. On Lustre's no volumes are made: machines mount what is there."""
    after: Sequence[pulumi.Resource] = ()
    """The drivers."""


class Storage(pulumi.ComponentResource):
    """`ready` is what servers with disks wait for."""

    ready: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Storage", name, {}, opts)
        self._name, self._args = name, args
        self.ready = [self._disks(), *([self._files(args.files)] if args.files and args.files.kind == "efs" else [])]
        self.register_outputs({})

    def _disks(self) -> pulumi.Resource:
        """In the zone where the pod comes to be."""
        context = self._args.context
        tags = sorted({**context.labels, OWNER: context.stack}.items())
        parameters: dict[str, Any] = {
            "type": "gp3",
            "csi.storage.k8s.io/fstype": "ext4",
            "encrypted": "true",
            "kmsKeyId": self._args.key.arn,
            **{f"tagSpecification_{number}": f"{key}={text}" for number, (key, text) in enumerate(tags, 1)},
        }
        return self._class(
            "disks",
            DISKS,
            provisioner="ebs.csi.aws.com",
            parameters=parameters,
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
        )

    def _files(self, store: contracts.FileStore) -> pulumi.Resource:
        """A directory for each volume, whose files are all of one user, whoever the pod runs as."""
        first, last = _USERS
        parameters = {
            "provisioningMode": "efs-ap",
            "fileSystemId": store.id,
            "directoryPerms": "700",
            "gidRangeStart": str(first),
            "gidRangeEnd": str(last),
            "basePath": "/volumes",
        }
        return self._class(
            "files",
            FILES,
            provisioner="efs.csi.aws.com",
            parameters=parameters,
            # By TLS, and as somebody: the file system lets in nobody else.
            mount_options=["tls", "iam"],
            volume_binding_mode="Immediate",
        )

    def _class(self, purpose: str, called: str, **more: Any) -> pulumi.Resource:
        context = self._args.context
        annotations: Mapping[str, str] = _DEFAULT if called == DISKS else {}
        return kubernetes.storage.v1.StorageClass(
            f"{self._name}-{purpose}",
            metadata=context.meta(called, app="storage", annotations=annotations),
            reclaim_policy="Retain" if context.prod else "Delete",
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._args.after)),
            **more,
        )

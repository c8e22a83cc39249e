"""Volumes: sealed disks, and shared files where there are any."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components import contracts
from components.kubernetes.context import Context

DISKS = "falaj"
"""The class of disks that is made here. They are read and written on one machine at a time."""
OWNER = "falaj.ae/stack"
"""The tag of disks that says whose they are: who backs them up has rights on these alone."""
FILES = "falaj-files"
"""The class of shared files: many machines read and write them."""
_DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}
# Users of the access points that the driver makes: beside those of images, which are lower as a rule.
_USERS = (50_000, 60_000)


@dataclass(frozen=True, kw_only=True)
class Driver:
    """What makes disks."""

    name: str
    """Of the CSI driver."""
    parameters: Mapping[str, contracts.Text]
    """What it is told: by which key disks are sealed, too."""
    default: bool = False
    """Whether whoever names no class has its disks."""


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    context: Context
    disks: Driver | str
    """A driver of disks, or the name of the class of disks that is there already."""
    files: contracts.FileStore | None = None
    """Those of EFS get a class. On Lustre's no volumes are made: machines mount what is there."""
    after: Sequence[pulumi.Resource] = ()
    """The drivers."""


class Storage(pulumi.ComponentResource):
    """`ready` is what servers with disks wait for, `disks` the class of these."""

    ready: Sequence[pulumi.Resource]
    disks: str

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Storage", name, {}, opts)
        self._name, self._args = name, args
        disks, files = args.disks, args.files
        self.disks = disks if isinstance(disks, str) else DISKS
        self.ready = [
            *([] if isinstance(disks, str) else [self._disks(disks)]),
            *([self._files(files)] if files and files.kind == "efs" else []),
        ] or args.after
        self.register_outputs({})

    def _disks(self, driver: Driver) -> pulumi.Resource:
        """In the zone where the pod comes to be."""
        return self._class(
            "disks",
            DISKS,
            default=driver.default,
            provisioner=driver.name,
            parameters=dict(driver.parameters),
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

    def _class(self, purpose: str, called: str, *, default: bool = False, **more: Any) -> pulumi.Resource:
        context = self._args.context
        return kubernetes.storage.v1.StorageClass(
            f"{self._name}-{purpose}",
            metadata=context.meta(called, app="storage", annotations=_DEFAULT if default else None),
            reclaim_policy="Retain" if context.prod else "Delete",
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._args.after)),
            **more,
        )


def elastic_block_store(context: Context, key: contracts.Key) -> Driver:
    """AWS's disks, sealed with the region's key; the cluster's default."""
    tags = sorted({**context.labels, OWNER: context.stack}.items())
    parameters: dict[str, contracts.Text] = {
        "type": "gp3",
        "csi.storage.k8s.io/fstype": "ext4",
        "encrypted": "true",
        "kmsKeyId": key.arn,
        **{f"tagSpecification_{number}": f"{key}={text}" for number, (key, text) in enumerate(tags, 1)},
    }
    return Driver(name="ebs.csi.aws.com", parameters=parameters, default=True)

"""A cluster's add-ons, each of a pinned version and, where it calls AWS, with a role of its own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.context import Context
from components.aws.role import Role, RoleArgs, Statement, allow, by_pods
from components.contracts import Text

DAEMONS = frozenset({"eks-pod-identity-agent", "kube-proxy", "vpc-cni"})
"""They must be there before the first machine, which is not ready without them; the others need machines to run on."""


@dataclass(frozen=True, kw_only=True)
class _Rights:
    account: str
    """The service account of the add-on's pods, in kube-system."""
    purpose: str = ""
    """Of the role; the add-on's name when empty."""
    managed: Sequence[str] = ()
    statements: Sequence[Statement] = ()
    namespace: str = "kube-system"


# Those that mount a file system, whatever it is called: its own policy says what they may do there.
_MOUNT = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}

# What AWS's documentation of each add-on asks for; of FSx no more than volumes need that are there already, since the
# policy that AWS names for it allows all of FSx. Of EFS, controllers make volumes and machines mount them (`iam`).
_RIGHTS: Mapping[str, Sequence[_Rights]] = MappingProxyType(
    {
        "vpc-cni": [_Rights(account="aws-node", managed=["AmazonEKS_CNI_Policy"])],
        "aws-ebs-csi-driver": [
            _Rights(account="ebs-csi-controller-sa", managed=["service-role/AmazonEBSCSIDriverPolicy"])
        ],
        "aws-efs-csi-driver": [
            _Rights(account="efs-csi-controller-sa", managed=["service-role/AmazonEFSCSIDriverPolicy"]),
            _Rights(
                account="efs-csi-node-sa",
                purpose="aws-efs-csi-node",
                statements=[allow(["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"], "*", _MOUNT)],
            ),
        ],
        "aws-fsx-csi-driver": [
            _Rights(account="fsx-csi-controller-sa", statements=[allow(["fsx:DescribeFileSystems"], "*")])
        ],
        "amazon-cloudwatch-observability": [
            _Rights(account="cloudwatch-agent", managed=["CloudWatchAgentServerPolicy"], namespace="amazon-cloudwatch")
        ],
    }
)

_CONFIGURATION: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        # Prefixes in place of single addresses: 110 pods on a machine whose interfaces hold a tenth of the addresses.
        "vpc-cni": {
            "enableNetworkPolicy": "true",
            "nodeAgent": {"enablePolicyEventLogs": "true"},
            "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
        },
        "aws-ebs-csi-driver": {"defaultStorageClass": {"enabled": False}},
    }
)


@dataclass(frozen=True, kw_only=True)
class AddonsArgs:
    context: Context
    cluster: Text
    """The cluster's name, once it is there."""
    cluster_arn: str
    versions: Mapping[str, str]
    """Of each add-on by its name, such as `v1.21.1-eksbuild.3`."""
    boundary: Text | None = None
    after: Sequence[pulumi.Resource] = ()
    """What must be there first: machines, for all but `DAEMONS`."""


class Addons(pulumi.ComponentResource):
    def __init__(self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Addons", name, {}, opts)
        for addon, version in args.versions.items():
            self._addon(name, addon, version, args)
        self.register_outputs({})

    def _addon(self, name: str, addon: str, version: str, args: AddonsArgs) -> None:
        roles = {rights.account: self._role(name, addon, rights, args) for rights in _RIGHTS.get(addon, ())}
        values = _CONFIGURATION.get(addon)
        aws.eks.Addon(
            f"{name}-{addon}",
            cluster_name=args.cluster,
            addon_name=addon,
            addon_version=version,
            configuration_values=json.dumps(values) if values else None,
            # What somebody changed by hand goes back to what is written here.
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            pod_identity_associations=[
                aws.eks.AddonPodIdentityAssociationArgs(role_arn=role.arn, service_account=account)
                for account, role in roles.items()
            ],
            tags=args.context.tagged(f"{name}-{addon}"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.after, *roles.values()]),
        )

    def _role(self, name: str, addon: str, rights: _Rights, args: AddonsArgs) -> Role:
        purpose = rights.purpose or addon
        made = RoleArgs(
            context=args.context,
            purpose=purpose,
            trust=by_pods(args.context, args.cluster_arn, rights.namespace, rights.account),
            managed=rights.managed,
            statements=rights.statements,
            boundary=args.boundary,
        )
        return Role(f"{name}-{purpose}-identity", made, pulumi.ResourceOptions(parent=self))

"""A Kubernetes control plane: reached from its network only, its secrets sealed with a key of one's own, all logged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from components import contracts
from components.aws.access import access
from components.aws.addons import DAEMONS, Addons, AddonsArgs
from components.aws.context import Context
from components.aws.role import Role, RoleArgs, by_service, machine_role
from components.contracts import Key, Network, Text

_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_ADMIN = "AmazonEKSClusterAdminPolicy"


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    context: Context
    version: str
    """Kubernetes: `1.35`."""
    network: Network
    key: Key
    """Seals the secrets."""
    log_key: Key
    log_days: int
    service_cidr: str
    """Addresses of services, /24 to /12, outside of the network's."""
    admins: Sequence[str]
    """ARNs of the roles that may do everything in the cluster; who makes it is none of them unless it is here."""
    addons: Mapping[str, str]
    """Versions by name. Those of `DAEMONS` come with the cluster, the others with `Addons` once there are machines."""
    prefix_lists: Mapping[str, Text] = field(default_factory=dict[str, Text])
    """Ids of the lists of addresses that machines reach over HTTPS, by name: those of S3's gateway endpoint above all,
    without which no image is pulled."""
    egress: Sequence[str] = ()
    """Further networks that machines reach over HTTPS; the gate wants each in the stack's `egress_cidrs`."""
    boundary: Text | None = None

    def __post_init__(self) -> None:
        if not self.admins:
            raise ValueError("a cluster without admins is nobody's: name a role")
        if missing := DAEMONS - set(self.addons):
            raise ValueError(f"no machine gets ready without the add-ons {', '.join(sorted(missing))}: give a version")


class Cluster(pulumi.ComponentResource):
    """`cluster` is the control plane; what waits for this component finds its daemons and admins there, too."""

    cluster: contracts.Cluster
    machine_role: pulumi.Output[str]
    """ARN of the role of machines in managed node groups."""

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Cluster", name, {}, opts)
        self._args = args
        group = self._machines(name)
        made = self._control_plane(name, group)
        self._access = [self._admin(name, made, role) for role in args.admins]
        self._daemons(name, made)
        self.machine_role = machine_role(f"{name}-machine", args.context, "machine", self, args.boundary).arn
        self.cluster = contracts.Cluster(
            name=made.name,
            arn=arn(args.context),
            endpoint=made.endpoint,
            certificate=made.certificate_authority.data,
            version=args.version,
            security_group=group.id,
        )
        self.register_outputs({})

    def kubernetes(self, name: str) -> kubernetes.Provider:
        """A provider for what is in the cluster. It asks `aws` for a token at every call and holds no secret."""
        return kubernetes.Provider(
            name,
            kubeconfig=kubeconfig(self.cluster, self._args.context),
            cluster_identifier=arn(self._args.context),
            enable_server_side_apply=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._access),
        )

    def _control_plane(self, name: str, group: aws.ec2.SecurityGroup) -> aws.eks.Cluster:
        args, context = self._args, self._args.context
        source = {"aws:SourceAccount": context.account, "aws:SourceArn": arn(context)}
        trust = by_service("eks", {"StringEquals": source})
        right = RoleArgs(
            context=context, purpose="cluster", trust=trust, managed=["AmazonEKSClusterPolicy"], boundary=args.boundary
        )
        role = Role(f"{name}-identity", right, pulumi.ResourceOptions(parent=self))
        return aws.eks.Cluster(
            f"{name}-control-plane",
            name=context.stack,
            version=args.version,
            role_arn=role.arn,
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=list(args.network.private.values()),
                security_group_ids=[group.id],
                endpoint_private_access=True,
                endpoint_public_access=False,
            ),
            kubernetes_network_config=aws.eks.ClusterKubernetesNetworkConfigArgs(
                ip_family="ipv4", service_ipv4_cidr=args.service_cidr
            ),
            encryption_config=aws.eks.ClusterEncryptionConfigArgs(
                resources=["secrets"], provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=args.key.arn)
            ),
            enabled_cluster_log_types=list(_LOGS),
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            bootstrap_self_managed_addons=False,
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            zonal_shift_config=aws.eks.ClusterZonalShiftConfigArgs(enabled=True),
            deletion_protection=context.prod,
            tags=context.tagged(f"{name}-control-plane"),
            # Without it EKS makes a log group of its own, without key or end; a role that loses its rights before the
            # cluster is gone leaves interfaces behind. Who deletes the cluster in prod first lifts its own protection.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._log(name), role]),
        )

    def _log(self, name: str) -> aws.cloudwatch.LogGroup:
        args = self._args
        return aws.cloudwatch.LogGroup(
            f"{name}-log",
            name=f"/aws/eks/{args.context.stack}/cluster",
            kms_key_id=args.log_key.arn,
            retention_in_days=args.log_days,
            skip_destroy=args.context.prod,
            tags=args.context.tagged(f"{name}-log"),
            opts=args.context.stateful(self),
        )

    def _machines(self, name: str) -> aws.ec2.SecurityGroup:
        """The group of machines and, beside EKS's own, of the control plane: whoever has it talks to the others.

        Karpenter finds it by a tag, and so does the load balancer controller, which wants one such group on a machine.
        """
        context, child = self._args.context, pulumi.ResourceOptions(parent=self)
        found = {f"kubernetes.io/cluster/{context.stack}": "owned", "karpenter.sh/discovery": context.stack}
        group = aws.ec2.SecurityGroup(
            f"{name}-machines",
            description="Machines of the cluster and interfaces of its control plane",
            vpc_id=self._args.network.id,
            tags=context.tagged(f"{name}-machines", **found),
            opts=child,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-machines-from-each-other",
            security_group_id=group.id,
            referenced_security_group_id=group.id,
            ip_protocol="-1",
            description="Among machines and control plane",
            tags=context.tagged(f"{name}-machines-from-each-other"),
            opts=child,
        )
        # EFA needs this rule by itself: a network that holds the group's addresses does not do.
        self._egress(name, group, "each-other", referenced_security_group_id=group.id)
        self._egress(name, group, "network", cidr_ipv4=self._args.network.cidr)
        for purpose, addresses in self._args.prefix_lists.items():
            self._egress(name, group, purpose, prefix_list_id=addresses, https=True)
        for cidr in self._args.egress:
            self._egress(name, group, cidr.replace("/", "-"), cidr_ipv4=cidr, https=True)
        return group

    def _egress(self, name: str, group: aws.ec2.SecurityGroup, to: str, *, https: bool = False, **where: Text) -> None:
        """Lets machines out to a range, a list of addresses or a group: to all of its ports, or to HTTPS only."""
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-machines-to-{to}",
            security_group_id=group.id,
            **where,
            ip_protocol="tcp" if https else "-1",
            from_port=443 if https else None,
            to_port=443 if https else None,
            tags=self._args.context.tagged(f"{name}-machines-to-{to}"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _admin(self, name: str, cluster: aws.eks.Cluster, role: str) -> pulumi.Resource:
        return access(f"{name}-admin-{role.rsplit('/', 1)[-1]}", self._args.context, cluster.name, role, _ADMIN, self)

    def _daemons(self, name: str, cluster: aws.eks.Cluster) -> None:
        args = self._args
        versions = {addon: version for addon, version in args.addons.items() if addon in DAEMONS}
        made = AddonsArgs(
            context=args.context,
            cluster=cluster.name,
            cluster_arn=arn(args.context),
            versions=versions,
            boundary=args.boundary,
        )
        Addons(f"{name}-daemons", made, pulumi.ResourceOptions(parent=self))


def arn(context: Context) -> str:
    """The cluster's ARN, known beforehand."""
    return context.arn("eks", f"cluster/{context.stack}")


def kubeconfig(cluster: contracts.Cluster, context: Context) -> pulumi.Output[str]:
    command = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "aws",
        "args": ["eks", "get-token", "--cluster-name", cluster.name, "--region", context.region, "--output", "json"],
        "interactiveMode": "Never",
    }
    server = {"server": cluster.endpoint, "certificate-authority-data": cluster.certificate}
    return pulumi.Output.json_dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": context.stack, "cluster": server}],
            "users": [{"name": context.stack, "user": {"exec": command}}],
            "contexts": [{"name": context.stack, "context": {"cluster": context.stack, "user": context.stack}}],
            "current-context": context.stack,
        }
    )

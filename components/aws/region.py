"""A region of AWS: network, keys, stores, a cluster with its machines, and what watches over them, in one country."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws.addons import DAEMONS, Addons, AddonsArgs
from components.aws.audit import Audit, AuditArgs
from components.aws.backup import Backup, BackupArgs
from components.aws.boundary import Boundary, BoundaryArgs
from components.aws.budget import Budget, BudgetArgs
from components.aws.cache import Cache, CacheArgs
from components.aws.cluster import Cluster, ClusterArgs
from components.aws.cluster_backup import ClusterBackup, ClusterBackupArgs
from components.aws.context import Context
from components.aws.data_stores import DataStores, DataStoresArgs
from components.aws.database import Database, DatabaseArgs
from components.aws.endpoints import SERVICES
from components.aws.file_store import FileStore, FileStoreArgs
from components.aws.identity import CiSettings, Identity, IdentityArgs
from components.aws.image_reader import ImageReader, ImageReaderArgs
from components.aws.karpenter import Karpenter, KarpenterArgs
from components.aws.keys import Keys, KeysArgs
from components.aws.mirror import Mirror, MirrorArgs
from components.aws.network import Network, NetworkArgs
from components.aws.node_pool import NodePool, NodePoolArgs
from components.aws.registry import Registry, RegistryArgs
from components.aws.secret_readers import SecretReaders, SecretReadersArgs

Settings = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class AwsRegionArgs:
    """A region's settings; each mapping holds fields of the part of that name (`NetworkArgs` and so on)."""

    context: Context
    network: Settings
    endpoints: Sequence[str] = field(default=SERVICES)
    """AWS services with a private way in, besides S3."""
    keys: Settings
    stores: Settings
    files: Settings | None
    """None for no shared file system."""
    registry: Settings
    mirror: bool
    """Whether the registry takes images that the platform layer runs."""
    cluster: Settings
    pools: Mapping[str, Settings]
    """By name; the `system` ones carry what the cluster itself runs."""
    karpenter: Mapping[str, str] | None
    """Pools whose machines Karpenter makes, none of them in `pools`: their kind by name; None for no Karpenter."""
    database: Settings
    cache: Settings
    ci: CiSettings | None
    operators: Sequence[str]
    secrets: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """What each namespace of the cluster is given: `cache`, `database`, or what a policy names another secret by."""
    mfa: bool
    cluster_backup: bool = False
    """Whether there is a place for backups of the cluster's objects and disks."""
    audit: Settings
    backup: Settings
    budget: Settings


class AwsRegion(pulumi.ComponentResource):
    """The region; `outputs` is what tenants and workloads need to know of it."""

    outputs: contracts.CloudRegion
    cluster: Cluster
    cache: contracts.Endpoint
    keys: Mapping[str, contracts.Key]
    files: contracts.FileStore | None
    network: contracts.Network
    karpenter: Karpenter | None = None
    database: contracts.Endpoint
    stores: Mapping[str, contracts.ObjectStore]
    secret_readers: Mapping[str, contracts.Text]
    """ARNs of the roles that read what a namespace is given, by namespace."""
    backups: contracts.ObjectStore | None = None
    """Where the cluster's own backups are kept."""
    ready: Sequence[pulumi.Resource]
    """What is there before anything can run in the cluster: its daemons, and machines for the platform's servers."""

    def __init__(self, name: str, args: AwsRegionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Region", name, {}, opts)
        self._args, self._context = args, args.context
        self._child = pulumi.ResourceOptions(parent=self)
        context = args.context

        self.keys = Keys("keys", KeysArgs(context=context, **args.keys), self._child).keys
        self._boundary = Boundary("boundary", BoundaryArgs(context=context), self._child).arn
        self._made_stores = self._data_stores()
        self.stores = self._made_stores.stores
        self._net = self._network()
        self.network = self._net.network
        self._registry = self._images()
        if args.mirror:
            self._mirror()
        self.cluster = self._cluster()
        cluster = self.cluster.cluster
        if args.mirror:
            self._image_reader(cluster)
        self._clients = cluster.security_group
        self.ready = self._pools_and_addons(self.cluster)
        self._data = self._data_services()
        self.database, self.cache = (data.endpoint for data in self._data)
        self.files = self._files()
        identity = self._identity(cluster)
        self.secret_readers = self._secret_readers(cluster)
        if args.cluster_backup:
            self.backups = self._cluster_backup(cluster)
        audit = self._audit()
        backup = BackupArgs(context=context, key=self.keys["backup"], **args.backup)
        Backup("backup", backup, self._child)
        Budget("budget", BudgetArgs(context=context, topic=audit.topic, **args.budget), self._child)
        self.outputs = self._outputs(cluster, identity)
        self.register_outputs({})

    def _data_stores(self) -> DataStores:
        made = DataStoresArgs(
            context=self._context, key=self.keys["storage"], audit_key=self.keys["audit"], **self._args.stores
        )
        return DataStores("stores", made, self._child)

    def _network(self) -> Network:
        made = NetworkArgs(
            context=self._context,
            log_key=self.keys["audit"],
            boundary=self._boundary,
            endpoints=self._args.endpoints,
            **self._args.network,
        )
        return Network("network", made, self._child)

    def _images(self) -> contracts.Registry:
        made = RegistryArgs(context=self._context, key=self.keys["registry"], **self._args.registry)
        return Registry("registry", made, self._child).registry

    def _mirror(self) -> None:
        made = MirrorArgs(context=self._context, key=self.keys["registry"], boundary=self._boundary)
        Mirror("mirror", made, self._child)

    def _image_reader(self, cluster: contracts.Cluster) -> None:
        made = ImageReaderArgs(context=self._context, cluster=cluster, boundary=self._boundary)
        ImageReader("image-reader", made, self._child)

    def _cluster(self) -> Cluster:
        made = ClusterArgs(
            context=self._context,
            network=self._net.network,
            key=self.keys["cluster"],
            log_key=self.keys["audit"],
            prefix_lists=self._net.prefix_lists,
            boundary=self._boundary,
            **self._args.cluster,
        )
        return Cluster("cluster", made, self._child)

    def _pools_and_addons(self, cluster: Cluster) -> list[pulumi.Resource]:
        """Machines come after the cluster's daemons; what runs as pods of its own after machines to run on."""
        context, args = self._context, self._args
        pools = {
            pool: NodePool(
                f"pool-{pool}",
                NodePoolArgs(
                    context=context,
                    cluster=cluster.cluster,
                    network=self._net.network,
                    key=self.keys["volumes"],
                    role=cluster.machine_role,
                    name=pool,
                    after=[cluster],
                    **settings,
                ),
                self._child,
            )
            for pool, settings in args.pools.items()
        }
        system = [pool for name, pool in pools.items() if args.pools[name]["kind"] == "system"]
        addons = AddonsArgs(
            context=context,
            cluster=cluster.cluster.name,
            cluster_arn=str(cluster.cluster.arn),
            versions={name: of for name, of in args.cluster["addons"].items() if name not in DAEMONS},
            boundary=self._boundary,
            after=system,
        )
        running = Addons("addons", addons, self._child)
        if args.karpenter is None:
            return [*system, running]
        made = KarpenterArgs(
            context=context, cluster=cluster.cluster, key=self.keys["cluster"], boundary=self._boundary
        )
        self.karpenter = Karpenter("karpenter", made, self._child)
        return [*system, running, self.karpenter]

    def _data_services(self) -> tuple[Database, Cache]:
        keys, network = self.keys, self._net.network
        database = DatabaseArgs(
            context=self._context,
            network=network,
            clients=self._clients,
            key=keys["database"],
            log_key=keys["database"],
            secret_key=keys["secrets"],
            boundary=self._boundary,
            **self._args.database,
        )
        cache = CacheArgs(
            context=self._context,
            network=network,
            clients=self._clients,
            key=keys["cache"],
            log_key=keys["cache"],
            secret_key=keys["secrets"],
            boundary=self._boundary,
            **self._args.cache,
        )
        return Database("database", database, self._child), Cache("cache", cache, self._child)

    def _files(self) -> contracts.FileStore | None:
        if self._args.files is None:
            return None
        made = FileStoreArgs(
            context=self._context,
            network=self._net.network,
            key=self.keys["files"],
            clients=self._clients,
            **self._args.files,
        )
        return FileStore("files", made, self._child).store

    def _identity(self, cluster: contracts.Cluster) -> Identity:
        args = self._args
        made = IdentityArgs(
            context=self._context,
            cluster=cluster,
            boundary=self._boundary,
            stores=self._made_stores.stores,
            secrets={"tracking": [self._data[0].endpoint.secret]},
            ci=args.ci,
            operators=args.operators,
            mfa=args.mfa,
        )
        return Identity("identity", made, self._child)

    def _secret_readers(self, cluster: contracts.Cluster) -> Mapping[str, contracts.Text]:
        if not self._args.secrets:
            return {}
        ours: dict[str, contracts.Text] = {"cache": self._data[1].secret, "database": self.database.secret}
        given = {namespace: [ours.get(one, one) for one in names] for namespace, names in self._args.secrets.items()}
        made = SecretReadersArgs(context=self._context, cluster=cluster, secrets=given, boundary=self._boundary)
        return SecretReaders("secret-readers", made, self._child).roles

    def _cluster_backup(self, cluster: contracts.Cluster) -> contracts.ObjectStore:
        made = ClusterBackupArgs(
            context=self._context,
            cluster=cluster,
            key=self.keys["storage"],
            log_bucket=self.stores["logs"].name,
            noncurrent_days=self._args.stores["noncurrent_days"],
            boundary=self._boundary,
        )
        return ClusterBackup("cluster-backup", made, self._child).store

    def _audit(self) -> Audit:
        made = AuditArgs(
            context=self._context,
            store=self._made_stores.stores["audit"],
            after=[self._made_stores],
            key=self.keys["audit"],
            log_key=self.keys["audit"],
            volume_key=self.keys["volumes"],
            boundary=self._boundary,
            **self._args.audit,
        )
        return Audit("audit", made, self._child)

    def _outputs(self, cluster: contracts.Cluster, identity: Identity) -> contracts.CloudRegion:
        network, files, (database, cache) = self._net.network, self.files, self._data
        return {
            "region": self._context.region,
            "account": self._context.account,
            "network": {
                "id": network.id,
                "cidr": network.cidr,
                "subnets": {tier: dict(getattr(network, tier)) for tier in ("private", "intra", "public")},
            },
            "keys": {purpose: key.arn for purpose, key in self.keys.items()},
            "stores": {purpose: store.name for purpose, store in self._made_stores.stores.items()},
            "registry": dict(self._registry.urls),
            "cluster": {
                "name": cluster.name,
                "arn": cluster.arn,
                "endpoint": cluster.endpoint,
                "certificate": cluster.certificate,
                "version": cluster.version,
                "security_group": cluster.security_group,
            },
            "pools": {
                **{pool: settings["kind"] for pool, settings in self._args.pools.items()},
                **(self._args.karpenter or {}),
            },
            "files": None if files is None else {"id": files.id, "kind": files.kind},
            "database": _server(database.endpoint),
            "cache": _server(cache.endpoint),
            "roles": dict(identity.roles),
        }


def provider(context: Context) -> aws.Provider:
    """The one way to AWS: this region and account, and no other."""
    return aws.Provider("aws", region=context.region, allowed_account_ids=[context.account])


def _server(endpoint: contracts.Endpoint) -> dict[str, Any]:
    return {"host": endpoint.host, "port": endpoint.port, "secret": endpoint.secret}

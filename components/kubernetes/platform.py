"""What runs in the cluster for all its tenants. Reads like a table of contents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components import contracts
from components.kubernetes import opencost, ray_operator, tracking
from components.kubernetes.admission import Admission, AdmissionArgs
from components.kubernetes.admission_rules import Rules
from components.kubernetes.backups import Backups, BackupsArgs
from components.kubernetes.certificates import Certificates, CertificatesArgs
from components.kubernetes.context import Context
from components.kubernetes.gpu import GpuDaemons, GpuDaemonsArgs, Gpus
from components.kubernetes.karpenter import Fleet, Karpenter, KarpenterArgs
from components.kubernetes.monitoring import scrape
from components.kubernetes.monitoring.files import Files
from components.kubernetes.monitoring.monitoring import Monitoring, MonitoringArgs
from components.kubernetes.monitoring.rule_files import Region
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.opencost import OpenCost, OpenCostArgs
from components.kubernetes.priority import Priorities, PrioritiesArgs
from components.kubernetes.queues import Machines, Queue, Queues, QueuesArgs
from components.kubernetes.ray_operator import RayOperator, RayOperatorArgs
from components.kubernetes.secret_source import Source
from components.kubernetes.secrets import MadeSecret, MadeSecretArgs, SecretCopy, SecretCopyArgs, Secrets, SecretsArgs
from components.kubernetes.signatures import Signatures, SignaturesArgs
from components.kubernetes.storage import Driver, Storage, StorageArgs
from components.kubernetes.tracking import Store, Tracking, TrackingArgs

RAY = "ray"
"""The namespace of the region's own runtimes."""
TOKEN, CACHE = "ray-token", "cache"
"""Its Secrets: `auth_token` that every call to Ray must show, `username` and `password` of the cache."""
VOUCHED = "cache-authorities"
"""Its ConfigMap, with the certificates of those who vouch for the cache."""
BACKED_UP: Mapping[str, Sequence[str]] = {
    "platform": (scrape.NAMESPACE, tracking.NAMESPACE, opencost.NAMESPACE, ray_operator.NAMESPACE),
    "ray": (RAY,),
}
"""Namespaces by the schedule of their backups: those with disks, or with objects that people make."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """How the cluster's own backups are made."""

    bucket: contracts.Text
    key: contracts.Key
    """Seals disks that are made of snapshots."""
    hour: int
    """When, UTC."""
    days: int
    """How long each is kept."""


@dataclass(frozen=True, kw_only=True)
class PlatformArgs:
    context: Context
    region: str
    """Of the cloud, as nodes have it in their labels and its stores of secrets are asked by."""
    admission: Rules | None
    """What the API server refuses of whoever asks; None where it is the gate's affair alone."""
    signers: Sequence[str]
    """Public keys (PEM) of those whose signatures of images count; empty for no look at signatures."""
    registries: Sequence[str]
    """What the addresses of images begin with."""
    pools: Mapping[str, Machines]
    """Pools for work, without the platform's own."""
    gpus: Mapping[str, Gpus] = field(default_factory=dict[str, Gpus])
    """Those of `pools` with GPUs, and what is made of these."""
    karpenter: Fleet | None = None
    """Where machines come from when pods wait for them; None where all are node groups'."""
    queues: Mapping[str, Queue] = field(default_factory=dict[str, Queue])
    watched: Region
    """The machines, as monitoring and costs see them."""
    disks: Driver | str
    """What makes the disks of servers, or the name of the class of disks that is there already."""
    files: contracts.FileStore | None
    """What many machines read and write together."""
    readers: Mapping[str, contracts.Text]
    """ARNs of the roles that read what a namespace is given of the cloud's secrets, by namespace."""
    source: Source | None = None
    """The namespace whose Secrets are copied, where no cloud has a store of them."""
    cache: contracts.Text | None
    """Name there of the cache's secret; None without a cache, when Ray's heads lose their state with their pods."""
    vouched: str | None = None
    """Certificates (PEM) of those who vouch for the cache; None for those that the image of Ray trusts."""
    database: contracts.Endpoint | None
    """Keeps runs and metrics; its secret is that of the cloud's store. None for no tracking server."""
    database_name: str = "mlflow"
    authorities: str | None
    """Certificates (PEM) of those who vouch for the database; None for no look at what it shows."""
    artifacts: contracts.Text | None
    """Bucket of what runs leave; None for runs without files."""
    store: Store | None = None
    """Where the bucket is; AWS when None."""
    receivers: str | None
    """Name in the cloud's store of the secret that says who is told of alerts; None for nobody."""
    max_gpus: int
    """Most GPUs that the region's own runtimes may hold together."""
    retention_days: int
    """How long metrics are kept."""
    storage_gib: int
    """Disk for metrics."""
    backups: Kept | None = None
    """None for no backups."""
    after: Sequence[pulumi.Resource] = ()
    """Machines that the platform's servers run on."""


class Platform(pulumi.ComponentResource):
    """`space` is the namespace of the region's own runtimes, `ready` what they wait for."""

    space: pulumi.Output[str]
    ready: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: PlatformArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Platform", name, {}, opts)
        self._args, self._child = args, pulumi.ResourceOptions(parent=self)
        context, guarded = args.context, self._admission()
        after = [*self._signatures(guarded), *self._storage(guarded)]
        certificates = Certificates("certificates", CertificatesArgs(context=context, after=after), self._child)
        operator = RayOperator("ray-operator", RayOperatorArgs(context=context, after=after), self._child)
        if args.gpus:
            GpuDaemons("gpus", GpuDaemonsArgs(context=context, pools=args.gpus, after=after), self._child)
        elastic = self._elastic(after)
        queues = self._queues(after)
        secrets = self._secrets(after)
        self._watch([*after, *secrets])
        if args.database:
            self._track(args.database, [*after, *secrets])
        self._back_up(after)
        self.space = self._runtimes(after)
        given = self._given(secrets)
        self.ready = [*certificates.ready, *operator.ready, *queues.ready, *elastic, *given]
        self.register_outputs({})

    def _admission(self) -> Sequence[pulumi.Resource]:
        """Before all that it judges: nothing of the layer is made without it, and it goes after everything else."""
        args = self._args
        if args.admission is None:
            return args.after
        made = AdmissionArgs(context=args.context, rules=args.admission, after=args.after)
        return [*args.after, *Admission("admission", made, self._child).ready]

    def _signatures(self, after: Sequence[pulumi.Resource]) -> Sequence[pulumi.Resource]:
        """Before any other pod is made."""
        args = self._args
        if not args.signers:
            return after
        made = SignaturesArgs(context=args.context, signers=args.signers, registries=args.registries, after=after)
        return [*after, *Signatures("signatures", made, self._child).ready]

    def _storage(self, after: Sequence[pulumi.Resource]) -> Sequence[pulumi.Resource]:
        """Before any server with a disk."""
        args = self._args
        made = StorageArgs(context=args.context, disks=args.disks, files=args.files, after=after)
        storage = Storage("storage", made, self._child)
        self._disks = storage.disks
        return storage.ready

    def _elastic(self, after: Sequence[pulumi.Resource]) -> Sequence[pulumi.Resource]:
        fleet = self._args.karpenter
        if fleet is None:
            return []
        made = KarpenterArgs(context=self._args.context, fleet=fleet, after=after)
        return Karpenter("karpenter-pools", made, self._child).ready

    def _secrets(self, after: Sequence[pulumi.Resource]) -> Sequence[pulumi.Resource]:
        """Before whoever wants one."""
        args = self._args
        made = SecretsArgs(
            context=args.context, region=args.region, readers=args.readers, source=args.source, after=after
        )
        return Secrets("secrets", made, self._child).ready

    def _given(self, after: Sequence[pulumi.Resource]) -> Sequence[pulumi.Resource]:
        """What Ray is given: a token that is made here, and what the cache wants and is known by."""
        context, args = self._args.context, self._args
        token = MadeSecretArgs(context=context, namespace=self.space, secret=TOKEN, key="auth_token", after=after)
        made = [*MadeSecret("ray-token", token, self._child).ready]
        if args.cache is not None:
            copy = SecretCopyArgs(context=context, namespace=self.space, secret=CACHE, remote=args.cache, after=after)
            made += SecretCopy("ray-cache", copy, self._child).ready
        if args.vouched:
            made.append(Files(VOUCHED, context, self.space, {"bundle.pem": args.vouched}).make(self._child))
        return made

    def _track(self, database: contracts.Endpoint, after: Sequence[pulumi.Resource]) -> None:
        args = self._args
        made = TrackingArgs(
            context=args.context,
            region=args.region,
            database=database,
            name=args.database_name,
            authorities=args.authorities,
            bucket=args.artifacts,
            store=args.store,
            clients=[RAY],
            after=after,
        )
        Tracking("mlflow", made, self._child)

    def _back_up(self, after: Sequence[pulumi.Resource]) -> None:
        args, kept = self._args, self._args.backups
        if kept is None:
            return
        made = BackupsArgs(
            context=args.context,
            region=args.region,
            bucket=kept.bucket,
            key=kept.key,
            schedules=BACKED_UP,
            hour=kept.hour,
            keep_days=kept.days,
            after=after,
        )
        Backups("backups", made, self._child)

    def _queues(self, after: Sequence[pulumi.Resource]) -> Queues:
        args = self._args
        made = QueuesArgs(context=args.context, pools=args.pools, queues=args.queues, after=after)
        queues = Queues("queues", made, self._child)
        Priorities("priorities", PrioritiesArgs(context=args.context, after=queues.types), self._child)
        return queues

    def _runtimes(self, after: Sequence[pulumi.Resource]) -> pulumi.Output[str]:
        """The API server itself refuses a pod with a GPU more."""
        gpus = {f"requests.{name}": str(self._args.max_gpus) for name in self._gpus()}
        return Namespace(
            RAY, NamespaceArgs(context=self._args.context, name=RAY, quota=gpus, after=after), self._child
        ).name

    def _gpus(self) -> list[str]:
        """What GPUs, or the parts of them, are called in this cluster."""
        return sorted({pool.resource for pool in self._args.pools.values() if pool.gpus})

    def _watch(self, after: Sequence[pulumi.Resource]) -> None:
        args = self._args
        made = MonitoringArgs(
            context=args.context,
            region=args.watched,
            receivers=args.receivers,
            retention_days=args.retention_days,
            storage_gib=args.storage_gib,
            storage_class=self._disks,
            after=after,
        )
        monitoring = Monitoring("monitoring", made, self._child)
        costs = OpenCostArgs(
            context=args.context, region=args.region, machines=args.watched.machines, after=[*after, monitoring]
        )
        OpenCost("opencost", costs, self._child)

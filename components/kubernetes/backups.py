"""Backups of what nobody else can bring back, by Velero: disks, and the objects that people made beside the stack's.

No text of a Secret leaves the cluster: a backup is plain JSON, and Velero may read those of its own namespace alone.
Those of the platform come back by themselves, copied again or made anew. Nor does Velero write anything outside of its
namespace, until somebody binds it the role `velero-restore`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components import contracts
from components.contracts import Text
from components.kubernetes.bill import types
from components.kubernetes.context import Context, selector
from components.kubernetes.flow import CREDENTIALS, Flow, api_server
from components.kubernetes.monitoring.scrape import scraped
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.pod import Claim, container
from components.kubernetes.server import Server, ServerArgs
from components.kubernetes.vendored import Vendored, VendoredArgs

NAMESPACE = ACCOUNT = "velero"
"""Who its role in the cloud is for."""
RESTORE = "velero-restore"
"""The ClusterRole that a restore needs. It is bound to nobody."""
KEPT: Mapping[str, Sequence[str]] = {
    "": ("configmaps", "namespaces", "persistentvolumeclaims", "persistentvolumes", "services"),
    "apps": ("deployments", "statefulsets"),
    "batch": ("cronjobs", "jobs"),
    "kueue.x-k8s.io": ("localqueues",),
    "ray.io": ("rayclusters", "raycronjobs", "rayjobs", "rayservices"),
}
"""What backups hold, by API group. Neither Secrets nor accounts and their roles: a restore gives nobody a right."""
_PROVIDER, _LOCATION, _METRICS = "velero.io/aws", "default", 8085
_NEEDS_TOKEN = "reads what it backs up, and makes what it restores"  # noqa: S105  a reason
_RBAC = "rbac.authorization.k8s.io"
_READ, _WRITE = ["get", "list", "watch"], ["create", "delete", "patch", "update"]
_HALF = 30  # minutes between two schedules


@dataclass(frozen=True, kw_only=True)
class BackupsArgs:
    context: Context
    region: str
    """Of AWS, where the bucket and the snapshots are."""
    bucket: Text
    """Sealed by its own default."""
    key: contracts.Key
    """Seals disks that are made of snapshots."""
    schedules: Mapping[str, Sequence[str]]
    """Namespaces by the name of their schedule; one after another, each day."""
    hour: int
    """When the first begins, UTC."""
    keep_days: int
    """How long a backup is kept."""
    after: Sequence[pulumi.Resource] = ()


class Backups(pulumi.ComponentResource):
    def __init__(self, name: str, args: BackupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Backups", name, {}, opts)
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        around = NamespaceArgs(context=args.context, name=NAMESPACE, flows=_flows(args.context), after=args.after)
        self._space = Namespace(f"{name}-space", around, self._child).name
        kinds = VendoredArgs(context=args.context, name="velero", after=args.after)
        self._types = Vendored(f"{name}-types", kinds, self._child).types
        places = [*self._places(), self._own()]
        self._restore()
        server = Server(ACCOUNT, self._server(places), self._child)
        for number, (schedule, namespaces) in enumerate(args.schedules.items()):
            self._custom("Schedule", schedule, _schedule(args, number, namespaces), [*places, server])
        self.register_outputs({})

    def _server(self, after: Sequence[pulumi.Resource]) -> ServerArgs:
        """One of it: it has no way to know of another."""
        return ServerArgs(
            context=self._args.context,
            namespace=self._space,
            before=[_plugin(self._args.context)],
            containers=[_container(self._args.context)],
            volumes={"plugins": {"emptyDir": {"sizeLimit": "256Mi"}}, "scratch": {"emptyDir": {"sizeLimit": "1Gi"}}},
            rights=_reads(),
            needs_token=_NEEDS_TOKEN,
            after=[*self._types, *after],
        )

    def _places(self) -> list[pulumi.Resource]:
        args = self._args
        stored = {
            "provider": _PROVIDER,
            "default": True,
            "objectStorage": {"bucket": args.bucket},
            "config": {"region": args.region},
        }
        snapped = {"provider": _PROVIDER, "config": {"region": args.region, "ebsKmsKeyId": args.key.arn}}
        return [
            self._custom("BackupStorageLocation", _LOCATION, stored, []),
            self._custom("VolumeSnapshotLocation", _LOCATION, snapped, []),
        ]

    def _own(self) -> pulumi.Resource:
        """What it does in its own namespace."""
        metadata, group = self._args.context.meta(ACCOUNT, self._space), _RBAC
        rules: Any = _own_rules()
        role = kubernetes.rbac.v1.Role(f"{self._name}-own", metadata=metadata, rules=rules, opts=self._child)
        to: Any = {"apiGroup": group, "kind": "Role", "name": role.metadata.name}
        whose: Any = {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": self._space}
        return kubernetes.rbac.v1.RoleBinding(
            f"{self._name}-own-binding", metadata=metadata, role_ref=to, subjects=[whose], opts=self._child
        )

    def _restore(self) -> None:
        rules: Any = [_rule([group], kinds, _WRITE) for group, kinds in KEPT.items()]
        metadata = self._args.context.meta(RESTORE, app=ACCOUNT)
        kubernetes.rbac.v1.ClusterRole(f"{self._name}-restore", metadata=metadata, rules=rules, opts=self._child)

    def _custom(
        self, kind: str, called: str, spec: Mapping[str, Any], after: Sequence[pulumi.Resource]
    ) -> pulumi.Resource:
        return kubernetes.apiextensions.CustomResource(
            f"{self._name}-{kind.lower()}-{called}",
            api_version="velero.io/v1",
            kind=kind,
            metadata=self._args.context.meta(called, self._space, app=ACCOUNT),
            spec=dict(spec),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._types, *after]),
        )


def _schedule(args: BackupsArgs, number: int, namespaces: Sequence[str]) -> dict[str, Any]:
    minute, hour = number * _HALF % 60, (args.hour + number * _HALF // 60) % 24
    return {
        "schedule": f"{minute} {hour} * * *",
        "template": {
            "includedNamespaces": list(namespaces),
            "includedResources": [f"{kind}.{group}".rstrip(".") for group, kinds in KEPT.items() for kind in kinds],
            "storageLocation": _LOCATION,
            "snapshotVolumes": True,
            "volumeSnapshotLocations": [_LOCATION],
            "ttl": f"{args.keep_days * 24}h0m0s",
        },
    }


def _plugin(context: Context) -> dict[str, Any]:
    """Copies AWS's plugin to where the server looks for plugins, as the image does by itself."""
    claim = Claim(cpu="50m", cpu_limit="500m", memory="128Mi")
    return container("aws", context.image("velero-plugin-for-aws"), claim, mounts={"plugins": "/target"})


def _container(context: Context) -> dict[str, Any]:
    """Without `pprof`, which anybody in the pod could ask; what is not said is as its makers have it."""
    metrics: dict[str, Any] = {"httpGet": {"path": "/metrics", "port": "metrics"}}
    return container(
        ACCOUNT,
        context.image("velero"),
        Claim(cpu="100m", cpu_limit="1", memory="512Mi", disk="2Gi"),
        command=["/velero"],
        args=[
            "server",
            f"--default-volume-snapshot-locations={_PROVIDER}:{_LOCATION}",
            "--profiler-address=",
            "--log-format=json",
        ],
        env={
            "HOME": "/tmp",  # noqa: S108  a volume of the pod's own
            "VELERO_NAMESPACE": {"fieldRef": {"fieldPath": "metadata.namespace"}},
            "VELERO_SCRATCH_DIR": "/scratch",
        },
        ports={"metrics": _METRICS},
        mounts={"plugins": "/plugins", "scratch": "/scratch"},
        read_only=["plugins"],
        readinessProbe=metrics,
        livenessProbe={**metrics, "initialDelaySeconds": 30},
    )


def _reads() -> list[dict[str, Any]]:
    """In the whole cluster: what is kept, and what it looks at for that, though it keeps none of it."""
    kept = [_rule([group], kinds, _READ) for group, kinds in KEPT.items()]
    return [*kept, _rule([""], ["pods"], ["get", "list"]), _rule([_RBAC], ["clusterrolebindings"], ["list"])]


def _own_rules() -> list[dict[str, Any]]:
    """Of its own namespace's Secrets it makes one, with a password for copies of files, of which it makes none here."""
    plurals: list[str] = [one["spec"]["names"]["plural"] for one in types("velero")]
    kinds = [*plurals, *(f"{plural}/status" for plural in plurals)]
    return [
        _rule(["velero.io"], kinds, [*_READ, *_WRITE]),
        _rule([""], ["secrets"], [*_READ, "create"]),
        _rule([""], ["configmaps"], [*_READ, "deletecollection"]),
        _rule([""], ["pods"], _READ),
        _rule(["apps"], ["daemonsets"], _READ),
        _rule(["batch"], ["jobs"], _READ),
    ]


def _rule(groups: Sequence[str], resources: Sequence[str], verbs: Sequence[str]) -> dict[str, Any]:
    return {"apiGroups": list(groups), "resources": list(resources), "verbs": list(verbs)}


def _flows(context: Context) -> list[Flow]:
    """The API server, S3 and EC2, all in the private network; Prometheus reads it."""
    pods = selector(ACCOUNT)
    return [scraped(pods, _METRICS), Flow(name=ACCOUNT, pods=pods, egress=[*api_server(context), CREDENTIALS])]

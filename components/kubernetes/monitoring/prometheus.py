"""Prometheus, and what tells it of the cluster's objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components import pools
from components.contracts import Text
from components.kubernetes.context import Context
from components.kubernetes.monitoring.files import Files
from components.kubernetes.monitoring.scrape import config
from components.kubernetes.pod import Claim, container
from components.kubernetes.server import Server, ServerArgs

PORT, STATE_PORT = 9090, 8080
# Of what it finds targets by, and may read itself; no secrets, no configuration.
_RIGHTS: tuple[Mapping[str, Any], ...] = (
    {"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["get", "list", "watch"]},
    {"apiGroups": [""], "resources": ["nodes/metrics"], "verbs": ["get"]},
    {"nonResourceURLs": ["/metrics", "/metrics/cadvisor"], "verbs": ["get"]},
)
_STATES: Mapping[str, tuple[str, ...]] = {
    "": ("nodes", "pods", "namespaces", "persistentvolumeclaims", "persistentvolumes", "resourcequotas"),
    "apps": ("daemonsets", "deployments", "replicasets", "statefulsets"),
    "batch": ("cronjobs", "jobs"),
}
"""Objects that are told of, by their group. Who reads their metrics reads no secret."""
_NODE_LABELS = (
    pools.POOL,
    pools.KIND,
    pools.CAPACITY,
    "falaj.io/rack",
    "node.kubernetes.io/instance-type",
    "topology.kubernetes.io/zone",
)


@dataclass(frozen=True, kw_only=True)
class PrometheusArgs:
    context: Context
    namespace: Text
    rules: Mapping[str, str]
    """Texts of the rule files, by name."""
    retention_days: int
    storage_gib: int
    storage_class: str | None


def prometheus(args: PrometheusArgs, parent: pulumi.Resource) -> Server:
    """Keeps what it reads on one disk, and asks again for what it missed while it moved."""
    opts = pulumi.ResourceOptions(parent=parent)
    settings = Files("prometheus-config", args.context, args.namespace, {"prometheus.yaml": config(args.context.stack)})
    rules = Files("prometheus-rules", args.context, args.namespace, args.rules)
    mounts = {"config": "/etc/prometheus/config", "rules": "/etc/prometheus/rules", "data": "/prometheus"}
    server = container(
        "prometheus",
        args.context.image("prometheus"),
        Claim(cpu="500m", cpu_limit="2", memory="4Gi"),
        args=[
            "--config.file=/etc/prometheus/config/prometheus.yaml",
            "--storage.tsdb.path=/prometheus",
            f"--storage.tsdb.retention.time={args.retention_days}d",
            # The oldest goes before the disk is full.
            f"--storage.tsdb.retention.size={args.storage_gib * 85 // 100}GiB",
        ],
        ports={"http": PORT},
        mounts=mounts,
        read_only=["config", "rules"],
        readinessProbe={"httpGet": {"path": "/-/ready", "port": "http"}, "periodSeconds": 10},
        livenessProbe={"httpGet": {"path": "/-/healthy", "port": "http"}, "failureThreshold": 6},
    )
    return Server(
        "prometheus",
        ServerArgs(
            context=args.context,
            namespace=args.namespace,
            containers=[server],
            ports={"http": PORT},
            volumes={"config": settings.volume, "rules": rules.volume},
            disks={"data": f"{args.storage_gib}Gi"},
            storage_class=args.storage_class,
            rights=_RIGHTS,
            needs_token="finds the pods and machines whose metrics it reads",  # noqa: S106  a reason
            annotations={**settings.digest, **rules.digest},
            after=[settings.make(opts), rules.make(opts)],
        ),
        opts,
    )


def kube_state_metrics(context: Context, namespace: Text, parent: pulumi.Resource) -> Server:
    """Tells metrics of the cluster's objects."""
    resources = ",".join(name for names in _STATES.values() for name in names)
    server = container(
        "kube-state-metrics",
        context.image("kube-state-metrics"),
        Claim(cpu="100m", cpu_limit="500m", memory="512Mi"),
        args=[
            f"--port={STATE_PORT}",
            f"--resources={resources}",
            f"--metric-labels-allowlist=nodes=[{','.join(_NODE_LABELS)}]",
        ],
        ports={"http": STATE_PORT},
        readinessProbe={"httpGet": {"path": "/readyz", "port": 8081}},
    )
    rights = [
        {"apiGroups": [group], "resources": list(names), "verbs": ["list", "watch"]} for group, names in _STATES.items()
    ]
    return Server(
        "kube-state-metrics",
        ServerArgs(
            context=context,
            namespace=namespace,
            containers=[server],
            ports={"http": STATE_PORT},
            rights=rights,
            needs_token="tells metrics of the cluster's objects",  # noqa: S106  a reason
        ),
        pulumi.ResourceOptions(parent=parent),
    )

"""What watches the cluster: Prometheus with our rules, Alertmanager, Grafana with our dashboards.

No agent runs on the machines: the kubelet tells of machines, containers and volumes, DCGM of GPUs. So nothing here
needs the host. Inside, metrics are told in plain text between pods that the namespaces' walls let speak; nobody else
reaches any of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.kubernetes.context import Context, selector
from components.kubernetes.flow import Flow, Peer, api_server, network
from components.kubernetes.monitoring import alertmanager, grafana, prometheus
from components.kubernetes.monitoring.rule_files import RUNBOOKS, Region, rule_files
from components.kubernetes.monitoring.scrape import JOBS, NAMESPACE
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.secrets import MadeSecret, MadeSecretArgs, SecretCopy, SecretCopyArgs

ADMIN = "grafana-admin"
"""The Secret with Grafana's `password`, made here and known to nobody until somebody reads it."""
RECEIVERS = "receivers"
"""The Secret with the webhooks' addresses: `page` and `ticket`."""
_HTTPS, _KUBELET = 443, 10250


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    context: Context
    region: Region
    """Its machines, PUE, grid and budgets."""
    receivers: str | None = None
    """Name, in the cloud's store, of the secret with `page` and `ticket`; nobody is told of alerts when None."""
    retention_days: int = 30
    storage_gib: int = 200
    storage_class: str | None = None
    """One that seals its volumes; the cluster's default when None."""
    runbooks: str = RUNBOOKS
    """Where the pages of the alerts are to be read."""
    after: Sequence[pulumi.Resource] = ()


class Monitoring(pulumi.ComponentResource):
    """`namespace` is known once it is there."""

    namespace: pulumi.Output[str]

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Monitoring", name, {}, opts)
        self._args, context, child = args, args.context, pulumi.ResourceOptions(parent=self)
        space = NamespaceArgs(context=context, name=NAMESPACE, flows=flows(context), after=args.after)
        self.namespace = Namespace(f"{name}-space", space, child).name
        server = prometheus.PrometheusArgs(
            context=context,
            namespace=self.namespace,
            rules=rule_files(args.region, args.runbooks),
            retention_days=args.retention_days,
            storage_gib=args.storage_gib,
            storage_class=args.storage_class,
        )
        prometheus.prometheus(server, self)
        prometheus.kube_state_metrics(context, self.namespace, self)
        alertmanager.alertmanager(context, self.namespace, self._receivers(name), args.storage_class, self)
        admin = MadeSecretArgs(
            context=context, namespace=self.namespace, secret=ADMIN, key="password", after=args.after
        )
        MadeSecret(f"{name}-admin", admin, child)
        grafana.grafana(context, self.namespace, ADMIN, self)
        self.register_outputs({})

    def _receivers(self, name: str) -> str | None:
        """The Secret's name."""
        args = self._args
        if args.receivers is None:
            return None
        copy = SecretCopyArgs(
            context=args.context,
            namespace=self.namespace,
            secret=RECEIVERS,
            remote=args.receivers,
            after=args.after,
        )
        SecretCopy(f"{name}-receivers", copy, pulumi.ResourceOptions(parent=self))
        return RECEIVERS


def flows(context: Context) -> list[Flow]:
    """Ways through the namespace's walls."""
    reader, state, teller, shower = map(selector, ("prometheus", "kube-state-metrics", "alertmanager", "grafana"))
    metrics = sorted({job.port for job in JOBS})
    return [
        Flow(
            name="prometheus",
            pods=reader,
            ingress=[
                Peer(ports=[prometheus.PORT], pods=shower),
                Peer(ports=[prometheus.PORT], namespace="opencost"),
                Peer(ports=[prometheus.PORT], pods=reader),
            ],
            egress=[
                Peer(ports=metrics, namespace="*"),
                *api_server(context),
                *network(context, _KUBELET),
            ],
        ),
        Flow(
            name="kube-state-metrics",
            pods=state,
            ingress=[Peer(ports=[prometheus.STATE_PORT], pods=reader)],
            egress=api_server(context),
        ),
        Flow(
            name="alertmanager",
            pods=teller,
            ingress=[Peer(ports=[alertmanager.PORT], pods=reader)],
            egress=network(context, _HTTPS),
        ),
        Flow(name="grafana", pods=shower, egress=[Peer(ports=[prometheus.PORT], pods=reader)]),
    ]

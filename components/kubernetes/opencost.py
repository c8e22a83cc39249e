"""OpenCost: what each namespace costs, by the catalogue's prices. It asks no price list and no cloud."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.kubernetes.context import Context, selector
from components.kubernetes.flow import Flow, Peer, api_server
from components.kubernetes.monitoring.files import Files
from components.kubernetes.monitoring.rule_files import Machine
from components.kubernetes.monitoring.scrape import NAMESPACE as READERS
from components.kubernetes.monitoring.scrape import scraped
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.pod import Claim, container
from components.kubernetes.server import Server, ServerArgs

NAMESPACE, PORT = "opencost", 9003
_PODS = selector("opencost")
_COLUMNS = "EndTimestamp,InstanceID,Region,AssetClass,InstanceIDField,InstanceType,MarketPriceHourly,Version"
_READ: Mapping[str, tuple[str, ...]] = {
    "": (
        "nodes", "pods", "services", "namespaces", "endpoints", "persistentvolumes", "persistentvolumeclaims",
        "replicationcontrollers", "resourcequotas", "limitranges",
    ),
    "apps": ("daemonsets", "deployments", "replicasets", "statefulsets"),
    "batch": ("cronjobs", "jobs"),
    "autoscaling": ("horizontalpodautoscalers",),
    "policy": ("poddisruptionbudgets",),
    "storage.k8s.io": ("storageclasses",),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class OpenCostArgs:
    context: Context
    region: str
    """Of the cloud: what nodes say in `topology.kubernetes.io/region`."""
    machines: Mapping[str, Machine]
    """By instance type; those without a price cost nothing, and are told so by `falaj plan`."""
    after: Sequence[pulumi.Resource] = ()
    """What must be there before: the monitoring, without which it does not start."""


class OpenCost(pulumi.ComponentResource):
    """A machine's price is divided among its processors, memory and GPUs as OpenCost does by default."""

    def __init__(self, name: str, args: OpenCostArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:OpenCost", name, {}, opts)
        context, child = args.context, pulumi.ResourceOptions(parent=self)
        space = NamespaceArgs(context=context, name=NAMESPACE, flows=_flows(context), after=args.after)
        namespace = Namespace(f"{name}-space", space, child).name
        prices = Files("opencost-prices", context, namespace, {"prices.csv": price_list(args.region, args.machines)})
        server = ServerArgs(
            context=context,
            namespace=namespace,
            containers=[_container(args)],
            ports={"http": PORT},
            volumes={"prices": prices.volume},
            rights=[
                {"apiGroups": [group], "resources": list(names), "verbs": ["get", "list", "watch"]}
                for group, names in _READ.items()
            ],
            needs_token="reads who claims what of the machines",  # noqa: S106  a reason
            annotations=prices.digest,
            after=[prices.make(child)],
        )
        Server("opencost", server, child)
        self.register_outputs({})


def price_list(region: str, machines: Mapping[str, Machine]) -> str:
    """Prices as OpenCost's CSV provider reads them: found by region and instance type."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS.split(","))
    by_type = "metadata.labels.node.kubernetes.io/instance-type"
    for name, machine in sorted(machines.items()):
        if machine.usd is not None:
            writer.writerow(["", name, region, "node", by_type, name, machine.usd, ""])
    return text.getvalue()


def _container(args: OpenCostArgs) -> dict[str, object]:
    return container(
        "opencost",
        args.context.image("opencost"),
        Claim(cpu="100m", cpu_limit="1", memory="1Gi"),
        env={
            "CLOUD_COST_ENABLED": "false",
            "CLUSTER_ID": args.context.stack,
            "CONFIG_PATH": "/tmp/opencost",  # noqa: S108  a volume of the pod's own
            "CSV_PATH": "/etc/opencost/prices.csv",
            "PROMETHEUS_SERVER_ENDPOINT": f"http://prometheus.{READERS}.svc:9090",
            "USE_CSV_PROVIDER": "true",
        },
        ports={"http": PORT},
        mounts={"prices": "/etc/opencost"},
        read_only=["prices"],
        readinessProbe={"httpGet": {"path": "/healthz", "port": "http"}},
        livenessProbe={"httpGet": {"path": "/healthz", "port": "http"}, "initialDelaySeconds": 60},
    )


def _flows(context: Context) -> list[Flow]:
    reader = Peer(ports=[9090], namespace=READERS, pods=selector("prometheus"))
    return [scraped(_PODS, PORT), Flow(name="opencost", pods=_PODS, egress=[reader, *api_server(context)])]

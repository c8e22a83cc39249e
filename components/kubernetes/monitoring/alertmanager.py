"""Alertmanager: who is told of an alert, and of what nobody needs to be told beside it.

Whom to tell is a Secret's: the addresses of two webhooks, `page` for what cannot wait and `ticket` for the rest. Where
there is none, nobody is told.
"""

from typing import Any

import pulumi
import yaml

from components.contracts import Text
from components.kubernetes.context import Context
from components.kubernetes.monitoring.files import Files
from components.kubernetes.pod import Claim, container
from components.kubernetes.server import Server, ServerArgs

PORT = 9093
_RECEIVERS = "/etc/alertmanager/receivers"
# What follows from what: the alert, which others are kept back for it, and what both must have in common.
_FOLLOWS = (
    ("NodeNotReady", "Gpu.+|NodePressed|NodePower.+|TargetDown", ["node"]),
    ("RackPowerOverBudget", "NodePowerOverBudget", ["rack"]),
    ("GpuThermalThrottled", "GpuHot|GpuMemoryHot", ["node", "gpu"]),
    ("ServeTailSlow", "ServeSlow", ["namespace", "application"]),
    ("RayClusterNotReady", "RayNodesPending|RayTasksPending", ["namespace"]),
    ("PlatformServerDown", "PlatformServerCrashes|TargetDown", ["namespace"]),
)


def config(*, told: bool) -> str:
    """The text of its configuration; `told` says whether there are webhooks."""
    said: dict[str, Any] = {
        "route": {
            "receiver": "ticket",
            "group_by": ["alertname", "namespace", "zone"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "24h",
            "routes": [{"receiver": "page", "matchers": ['severity="critical"'], "repeat_interval": "4h"}],
        },
        "inhibit_rules": [
            {"source_matchers": [f'alertname="{first}"'], "target_matchers": [f'alertname=~"{rest}"'], "equal": same}
            for first, rest, same in _FOLLOWS
        ],
        "receivers": [
            {"name": name, **({"webhook_configs": [{"url_file": f"{_RECEIVERS}/{name}"}]} if told else {})}
            for name in ("page", "ticket")
        ],
    }
    return yaml.safe_dump(said, sort_keys=False)


def alertmanager(
    context: Context, namespace: Text, receivers: str | None, storage_class: str | None, parent: pulumi.Resource
) -> Server:
    """One: what it would tell twice after a restart is better than what two of them must agree on.

    It starts before the Secret `receivers` is there, and reads an address when it tells.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    settings = Files(
        "alertmanager-config", context, namespace, {"alertmanager.yaml": config(told=receivers is not None)}
    )
    secret = {"receivers": {"secret": {"secretName": receivers, "optional": True}}} if receivers else {}
    mounts = {"config": "/etc/alertmanager/config", **dict.fromkeys(secret, _RECEIVERS)}
    server = container(
        "alertmanager",
        context.image("alertmanager"),
        Claim(cpu="50m", cpu_limit="200m", memory="256Mi"),
        args=[
            "--config.file=/etc/alertmanager/config/alertmanager.yaml",
            "--storage.path=/alertmanager",
            "--cluster.listen-address=",
        ],
        ports={"http": PORT},
        mounts={**mounts, "data": "/alertmanager"},
        read_only=list(mounts),
        readinessProbe={"httpGet": {"path": "/-/ready", "port": "http"}},
        livenessProbe={"httpGet": {"path": "/-/healthy", "port": "http"}},
    )
    return Server(
        "alertmanager",
        ServerArgs(
            context=context,
            namespace=namespace,
            containers=[server],
            ports={"http": PORT},
            volumes={"config": settings.volume, **secret},
            disks={"data": "1Gi"},
            storage_class=storage_class,
            annotations=settings.digest,
            after=[settings.make(opts)],
        ),
        opts,
    )

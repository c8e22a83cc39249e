"""Grafana: shows the dashboards that are code, to who has its password; asks nobody outside for anything."""

import json

import pulumi
import yaml

from components.contracts import Text
from components.kubernetes.context import Context
from components.kubernetes.monitoring.dashboards import dashboards
from components.kubernetes.monitoring.files import Files
from components.kubernetes.pod import Claim, container
from components.kubernetes.server import Server, ServerArgs

PORT = 3000
_INI = """
[paths]
data = /var/lib/grafana
provisioning = /etc/grafana/provisioning
[server]
http_port = 3000
[analytics]
reporting_enabled = false
check_for_updates = false
check_for_plugin_updates = false
feedback_links_enabled = false
[news]
news_feed_enabled = false
[plugins]
plugin_admin_enabled = false
preinstall_disabled = true
public_key_retrieval_disabled = true
[security]
admin_password = $__file{/etc/grafana/admin/password}
cookie_samesite = strict
disable_gravatar = true
[snapshots]
external_enabled = false
[auth.anonymous]
enabled = false
[users]
allow_sign_up = false
allow_org_create = false
[unified_alerting]
enabled = false
[log]
mode = console
"""


def grafana(context: Context, namespace: Text, admin: str, parent: pulumi.Resource) -> Server:
    """`admin` is a Secret with `password`. It keeps nothing: what is shown comes from here."""
    opts = pulumi.ResourceOptions(parent=parent)
    boards = {f"{uid}.json": json.dumps(board, sort_keys=True) for uid, board in dashboards().items()}
    files = {
        "ini": Files("grafana-config", context, namespace, {"grafana.ini": _INI.lstrip()}),
        "sources": Files("grafana-sources", context, namespace, {"prometheus.yaml": _source()}),
        "providers": Files("grafana-providers", context, namespace, {"falaj.yaml": _provider()}),
        "boards": Files("grafana-dashboards", context, namespace, boards),
    }
    server = container(
        "grafana",
        context.image("grafana"),
        Claim(cpu="100m", cpu_limit="500m", memory="512Mi"),
        env={"GF_PATHS_CONFIG": "/etc/grafana/config/grafana.ini"},
        ports={"http": PORT},
        mounts={
            "ini": "/etc/grafana/config",
            "sources": "/etc/grafana/provisioning/datasources",
            "providers": "/etc/grafana/provisioning/dashboards",
            "boards": "/etc/grafana/boards",
            "admin": "/etc/grafana/admin",
            "data": "/var/lib/grafana",
        },
        read_only=[*files, "admin"],
        readinessProbe={"httpGet": {"path": "/api/health", "port": "http"}},
        livenessProbe={"httpGet": {"path": "/api/health", "port": "http"}, "initialDelaySeconds": 60},
    )
    volumes = {name: one.volume for name, one in files.items()}
    return Server(
        "grafana",
        ServerArgs(
            context=context,
            namespace=namespace,
            containers=[server],
            ports={"http": PORT},
            volumes={
                **volumes,
                "admin": {"secret": {"secretName": admin}},
                "data": {"emptyDir": {"sizeLimit": "1Gi"}},
            },
            annotations={key: value for one in files.values() for key, value in one.digest.items()},
            after=[one.make(opts) for one in files.values()],
        ),
        opts,
    )


def _source() -> str:
    source = {
        "name": "Prometheus",
        "uid": "prometheus",
        "type": "prometheus",
        "access": "proxy",
        "url": "http://prometheus:9090",
        "isDefault": True,
        "editable": False,
        "jsonData": {"timeInterval": "30s"},
    }
    return yaml.safe_dump({"apiVersion": 1, "datasources": [source]}, sort_keys=False)


def _provider() -> str:
    provider = {
        "name": "falaj",
        "type": "file",
        "folder": "Falaj",
        "allowUiUpdates": False,
        "disableDeletion": True,
        "options": {"path": "/etc/grafana/boards"},
    }
    return yaml.safe_dump({"apiVersion": 1, "providers": [provider]}, sort_keys=False)

"""Pods that hold no right they do not need: what the gate's rules ask of a pod, in one place.

Written as Kubernetes writes them, since Ray's own types hold pods too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

USER = 65532
"""Nobody in particular, as in distroless images."""
NEEDS_TOKEN = "falaj.ae/needs-token"  # noqa: S105  the name of an annotation
"""The annotation by which a pod says why it calls the cluster's API."""
_NO_REPORTS = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
}

UNPRIVILEGED: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
"""The security context of every container."""
CONFINED: dict[str, Any] = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
"""In the security context of every pod."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a container claims. Memory and disk are all it gets; idle processors may be lent to it."""

    cpu: str
    memory: str
    disk: str = "256Mi"
    cpu_limit: str | None = None
    """`cpu` when None."""
    devices: Mapping[str, str] | None = None
    """Such as `{"nvidia.com/gpu": "1"}`."""

    def resources(self) -> dict[str, Any]:
        """As Kubernetes writes it."""
        kept = {"memory": self.memory, "ephemeral-storage": self.disk, **(self.devices or {})}
        return {"requests": {"cpu": self.cpu, **kept}, "limits": {"cpu": self.cpu_limit or self.cpu, **kept}}


def container(
    name: str,
    image: str,
    claim: Claim,
    *,
    command: Sequence[str] = (),
    args: Sequence[Any] = (),
    env: Mapping[str, Any] | None = None,
    ports: Mapping[str, int] | None = None,
    mounts: Mapping[str, str] | None = None,
    read_only: Sequence[str] = (),
    **more: Any,
) -> dict[str, Any]:
    """A container without privileges and reports to its makers.

    `env` holds texts, or mappings that Kubernetes calls `valueFrom`. `mounts` says where each volume is, `read_only`
    which of them cannot be written; `/tmp` is there always. `more` are further fields, such as `livenessProbe`.
    """
    said = {**_NO_REPORTS, **(env or {})}
    made: dict[str, Any] = {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "env": [_variable(key, value) for key, value in sorted(said.items())],
        "resources": claim.resources(),
        "securityContext": UNPRIVILEGED,
        "volumeMounts": [
            {"name": volume, "mountPath": path, **({"readOnly": True} if volume in read_only else {})}
            for volume, path in {"tmp": "/tmp", **(mounts or {})}.items()  # noqa: S108  a volume of the pod's own
        ],
        **more,
    }
    if command:
        made["command"] = list(command)
    if args:
        made["args"] = list(args)
    if ports:
        made["ports"] = [{"name": key, "containerPort": port} for key, port in ports.items()]
    return made


def pod(
    containers: Sequence[Mapping[str, Any]],
    *,
    account: Any = None,
    needs_token: str = "",
    volumes: Mapping[str, Mapping[str, Any]] | None = None,
    user: int = USER,
    nodes: Mapping[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A pod's spec. `volumes` are by name, each as Kubernetes writes it; `nodes` are labels of those it may run on.

    A pod with `needs_token` carries `NEEDS_TOKEN` in its template's annotations: see `template`.
    """
    made: dict[str, Any] = {
        "containers": [dict(one) for one in containers],
        "automountServiceAccountToken": bool(needs_token),
        "enableServiceLinks": False,
        "securityContext": {
            **CONFINED,
            "runAsUser": user,
            "runAsGroup": user,
            "fsGroup": user,
            "fsGroupChangePolicy": "OnRootMismatch",
        },
        "volumes": [
            {"name": name, **source}
            for name, source in {"tmp": {"emptyDir": {"sizeLimit": "256Mi"}}, **(volumes or {})}.items()
        ],
        **more,
    }
    if account is not None:
        made["serviceAccountName"] = account
    if nodes:
        made["nodeSelector"] = dict(nodes)
    return made


def template(
    spec: Mapping[str, Any],
    labels: Mapping[str, str],
    *,
    needs_token: str = "",
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A pod template, as Deployments and Ray's groups have it."""
    said = {**(annotations or {}), **({NEEDS_TOKEN: needs_token} if needs_token else {})}
    metadata: dict[str, Any] = {"labels": dict(labels)}
    return {"metadata": {**metadata, "annotations": said} if said else metadata, "spec": dict(spec)}


def spread(labels: Mapping[str, str], *, over: str = "topology.kubernetes.io/zone") -> list[dict[str, Any]]:
    """Copies stand in different zones, as far as there is room."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": over,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(labels)},
        }
    ]


def _variable(name: str, value: Any) -> dict[str, Any]:
    return {"name": name, "value" if isinstance(value, str) else "valueFrom": value}

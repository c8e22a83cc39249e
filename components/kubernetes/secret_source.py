"""Secrets of a namespace of the cluster itself, for whoever has no store of secrets in a cloud.

Their owner puts them there. As in a cloud, each namespace has a reader of its own: an account that may read those
Secrets by name which the namespace is given, and no others. external-secrets asks for that account's token.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes.context import Context

_CORE, _RBAC = "", "rbac.authorization.k8s.io"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Whose they are."""

    namespace: str
    """Where they are; it is there before the stack."""
    given: Mapping[str, Sequence[str]]
    """Names of those that a namespace is given, by that namespace."""


def reader(
    source: Source, namespace: str, context: Context, operator: str, opts: pulumi.ResourceOptions
) -> tuple[dict[str, Any], list[pulumi.Resource]]:
    """The store's `provider` for a namespace, and the account in the operator's namespace by which it reads."""
    name = f"reads-for-{namespace}"
    account = kubernetes.core.v1.ServiceAccount(
        name, metadata=context.meta(name, operator), automount_service_account_token=False, opts=opts
    )
    rules: Any = [
        {
            "apiGroups": [_CORE],
            "resources": ["secrets"],
            "resourceNames": list(source.given[namespace]),
            "verbs": ["get"],
        }
    ]
    role = kubernetes.rbac.v1.Role(
        f"{name}-role", metadata=context.meta(name, source.namespace), rules=rules, opts=opts
    )
    to: Any = {"apiGroup": _RBAC, "kind": "Role", "name": role.metadata.name}
    whose: Any = {"kind": "ServiceAccount", "name": account.metadata.name, "namespace": operator}
    binding = kubernetes.rbac.v1.RoleBinding(
        f"{name}-binding",
        metadata=context.meta(name, source.namespace),
        role_ref=to,
        subjects=[whose],
        opts=opts,
    )
    return _provider(source, name, operator), [account, binding]


def _provider(source: Source, account: str, operator: str) -> dict[str, Any]:
    """The API server is known by the authority that Kubernetes puts into each namespace."""
    root = {"type": "ConfigMap", "name": "kube-root-ca.crt", "key": "ca.crt", "namespace": operator}
    return {
        "kubernetes": {
            "remoteNamespace": source.namespace,
            "server": {"caProvider": root},
            "auth": {"serviceAccount": {"name": account, "namespace": operator}},
        }
    }

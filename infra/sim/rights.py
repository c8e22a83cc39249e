"""What programs of a simulated region may do in it."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.kubernetes.admission_rules import OWN
from components.kubernetes.bill import objects
from infra.plan.cluster.client import Object
from infra.sim import kueue
from infra.sim.certificates import USERS
from infra.sim.webhook import HOME

_GROUP = "rbac.authorization.k8s.io"


def rights(admission: Sequence[Mapping[str, Any]]) -> list[Object]:
    """Of the operator and Kueue: what their makers give them. Of the network: who has an address, and its token.

    Of what stands in for external-secrets: who wants which Secret, to make it and to say so. Of Gatekeeper: what the
    component gives it, which in the cluster is `admission`.
    """
    operator = [rule for one in objects("kuberay-operator") for rule in one["rules"]]
    manager, secrets = (_rules(kueue.NAME, f"kueue-manager-{name}") for name in ("role", "secrets-role"))
    network: list[dict[str, Any]] = [
        {"apiGroups": [""], "resources": ["pods", "services"], "verbs": ["list"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]},
        {"apiGroups": ["ray.io"], "resources": ["rayjobs"], "verbs": ["list"]},
    ]
    external = "external-secrets.io"
    wanted: list[dict[str, Any]] = [
        {"apiGroups": [external], "resources": ["externalsecrets"], "verbs": ["list"]},
        {"apiGroups": [external], "resources": ["externalsecrets/status"], "verbs": ["patch"]},
        {"apiGroups": [f"generators.{external}"], "resources": ["passwords"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "create", "patch"]},
    ]
    return [
        *_given("operator", operator),
        *_given("network", network),
        *_given("secrets", wanted),
        *_given("kueue", manager),
        *_given("kueue", secrets, HOME),
        *_given("gatekeeper", admission),
        *_given("gatekeeper", OWN, HOME),
    ]


def _rules(program: str, role: str) -> list[dict[str, Any]]:
    (found,) = [one for one in objects(program) if one["metadata"]["name"] == role]
    return found["rules"]


def _given(client: str, rules: Sequence[Mapping[str, Any]], namespace: str = "") -> list[Object]:
    """In one namespace, or in all."""
    user = USERS[client][0]
    name = f"falaj-sim-{user.removeprefix('falaj-sim-')}"
    kind = "Role" if namespace else "ClusterRole"
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    role = {"apiVersion": f"{_GROUP}/v1", "kind": kind, "metadata": metadata}
    return [
        {**role, "rules": rules},
        {
            **role,
            "kind": f"{kind}Binding",
            "roleRef": {"apiGroup": _GROUP, "kind": kind, "name": name},
            "subjects": [{"apiGroup": _GROUP, "kind": "User", "name": user}],
        },
    ]

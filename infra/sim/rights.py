"""What programs of a simulated region may do in it."""

from typing import Any

from components.kubernetes.bill import objects
from infra.plan.cluster.client import Object
from infra.sim.certificates import USERS

_GROUP = "rbac.authorization.k8s.io"


def rights() -> list[Object]:
    """Of the operator: what its makers give it. Of the network: to know who has an address, and its token."""
    operator = [rule for one in objects("kuberay-operator") for rule in one["rules"]]
    network: list[dict[str, Any]] = [
        {"apiGroups": [""], "resources": ["pods", "services"], "verbs": ["list"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]},
        {"apiGroups": ["ray.io"], "resources": ["rayjobs"], "verbs": ["list"]},
    ]
    return [*_given("operator", operator), *_given("network", network)]


def _given(client: str, rules: list[dict[str, Any]]) -> list[Object]:
    user = USERS[client][0]
    name = f"falaj-sim-{user.removeprefix('falaj-sim-')}"
    role = {"apiVersion": f"{_GROUP}/v1", "kind": "ClusterRole", "metadata": {"name": name}}
    return [
        {**role, "rules": rules},
        {
            **role,
            "kind": "ClusterRoleBinding",
            "roleRef": {"apiGroup": _GROUP, "kind": "ClusterRole", "name": name},
            "subjects": [{"apiGroup": _GROUP, "kind": "User", "name": user}],
        },
    ]

"""The rules that a cluster's Gatekeeper is given, and what it may do for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.kubernetes.constraint_type import GROUP

Object = Mapping[str, Any]
NAMESPACE, ACCOUNT = "gatekeeper-system", "gatekeeper-admin"
HOOK = "gatekeeper-validating-webhook-configuration"
"""Gatekeeper writes the authority of its own certificate into the one of this name."""
_READ, _WRITE = ["get", "list", "watch"], ["create", "delete", "get", "list", "patch", "update", "watch"]
_STATUSES = [
    *("configpodstatuses", "connectionpodstatuses", "constraintpodstatuses", "constrainttemplatepodstatuses"),
    *("expansiontemplatepodstatuses", "mutatorpodstatuses", "providerpodstatuses"),
]
# Nothing of these is used; it does not start without a look at them.
_MUTATIONS = ["assign", "assignimage", "assignmetadata", "modifyset"]
_POLICIES = ["validatingadmissionpolicies", "validatingadmissionpolicybindings"]
OWN: Any = [
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
    {"apiGroups": [""], "resources": ["secrets"], "verbs": _WRITE},
    {"apiGroups": [""], "resources": ["pods"], "verbs": _READ},
]
"""What it may do in its own namespace: keep its certificate, and say what it did."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Raises ValueError for templates and constraints that do not match."""

    templates: Sequence[Object]
    """Gatekeeper's ConstraintTemplates, one for each rule."""
    constraints: Sequence[Object]
    """A constraint of each template, in the same order."""
    watched: Sequence[Object]
    """What the API server asks about, as a webhook's `rules`: nothing that a node or a controller needs to live."""

    def __post_init__(self) -> None:
        kinds = [template["spec"]["crd"]["spec"]["names"]["kind"] for template in self.templates]
        if kinds != [constraint["kind"] for constraint in self.constraints]:
            raise ValueError("templates and constraints do not match: a rule would be loaded and hold nobody")

    def rights(self) -> list[Object]:
        """What Gatekeeper may do in the cluster: its makers would have it read everything, secrets too."""
        kinds = [template["metadata"]["name"] for template in self.templates]
        own = {
            "config.gatekeeper.sh": ["configs", "configs/status"],
            "connection.gatekeeper.sh": ["connections", "connections/status"],
            GROUP: [*kinds, *(f"{kind}/status" for kind in kinds)],
            "expansion.gatekeeper.sh": ["expansiontemplate", "expansiontemplate/status"],
            "status.gatekeeper.sh": [*_STATUSES, *(f"{one}/status" for one in _STATUSES)],
            "syncset.gatekeeper.sh": ["syncsets"],
            "templates.gatekeeper.sh": [f"constrainttemplates{part}" for part in ("", "/status", "/finalizers")],
        }
        hooks, admits = "validatingwebhookconfigurations", ["admissionregistration.k8s.io"]
        return [
            *({"apiGroups": [group], "resources": resources, "verbs": _WRITE} for group, resources in own.items()),
            {"apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"], "verbs": _WRITE},
            {"apiGroups": admits, "resources": [hooks, *_POLICIES], "verbs": _READ},
            {"apiGroups": ["externaldata.gatekeeper.sh"], "resources": ["providers"], "verbs": _READ},
            {"apiGroups": ["mutations.gatekeeper.sh"], "resources": _MUTATIONS, "verbs": _READ},
            {"apiGroups": admits, "resources": [hooks], "resourceNames": [HOOK], "verbs": ["patch", "update"]},
            *({"apiGroups": rule["apiGroups"], "resources": _plain(rule), "verbs": _READ} for rule in self.watched),
        ]


def _plain(rule: Object) -> list[str]:
    """Its resources without their parts, such as `pods/ephemeralcontainers`."""
    return [one for one in rule["resources"] if "/" not in one]

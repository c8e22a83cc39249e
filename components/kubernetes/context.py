"""What all objects of a cluster's platform share: their labels, where their images come from, what is around them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components import pools
from components.contracts import Text
from components.kubernetes import bill

_NOT_IN_LABELS = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True, kw_only=True)
class NameServer:
    """The cluster's own, as it is where Kubernetes' own manifests put it."""

    namespace: str = "kube-system"
    pods: Mapping[str, str] = field(default_factory=lambda: {"k8s-app": "kube-dns"})
    """Labels of its pods."""
    port: int = 53
    """At which these answer."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """Facts of the cluster. None of them is looked up (design D3)."""

    stack: str
    """Name of the region's stack."""
    registry: str
    """What the address of every image begins with: the mirror, `host/path`."""
    labels: Mapping[str, str]
    """On every object, besides what says which part of which program it is."""
    prod: bool
    """Whether what holds data is protected and outlives the stack."""
    network: Sequence[str]
    """Ranges of the private network: where databases, caches, endpoints and the API server answer."""
    services: str
    """Range of the cluster's services."""
    system: Mapping[str, str] = field(default_factory=lambda: {pools.KIND: "system"})
    """Labels of the nodes that carry the platform's own servers; empty for any node."""
    dns: NameServer = NameServer()
    pod_identity: bool = True
    """Whether an agent on each machine hands pods the credentials of a role in the cloud."""

    def image(self, name: str) -> str:
        """The address, by digest, of an image of the bill of materials."""
        return bill.image(name).at(self.registry)

    def meta(
        self,
        name: str,
        namespace: Text | None = None,
        *,
        app: str | None = None,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> Any:
        """An object's metadata; `app` is the program that it is a part of, by its own name if none is given."""
        made: dict[str, Any] = {"name": name, "labels": {**self.labelled(app or name), **(labels or {})}}
        if namespace is not None:
            made["namespace"] = namespace
        if annotations:
            made["annotations"] = dict(annotations)
        return made

    def labelled(self, app: str) -> dict[str, str]:
        """Labels of what belongs to a program; of texts, what no label may hold is a dot."""
        said = {key: label(text) for key, text in self.labels.items()}
        return {**said, **selector(app), "app.kubernetes.io/managed-by": "falaj"}

    def stateful(self, parent: pulumi.Resource, after: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
        """Options of an object that holds data."""
        return pulumi.ResourceOptions(
            parent=parent, protect=self.prod, retain_on_delete=self.prod, depends_on=list(after)
        )


def selector(app: str) -> dict[str, str]:
    """The labels by which a program's pods are found."""
    return {"app.kubernetes.io/name": app}


def label(text: str) -> str:
    """A text as a label's value: `team@example.com` is `team.example.com`."""
    return _NOT_IN_LABELS.sub(".", text)[:63].strip("._-")

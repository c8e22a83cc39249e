"""Files that a server reads: a ConfigMap, and the digest by which the server starts again when they change."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Text
from components.kubernetes.context import Context


@dataclass(frozen=True)
class Files:
    """Texts by their names. The ConfigMap is called `name`, which begins with the program's: `grafana-sources`."""

    name: str
    context: Context
    namespace: Text
    texts: Mapping[str, str]

    def make(self, opts: pulumi.ResourceOptions) -> kubernetes.core.v1.ConfigMap:
        """The ConfigMap."""
        metadata = self.context.meta(self.name, self.namespace, app=self.name.partition("-")[0])
        return kubernetes.core.v1.ConfigMap(self.name, metadata=metadata, data=dict(self.texts), opts=opts)

    @property
    def volume(self) -> dict[str, Any]:
        """As a pod names it."""
        return {"configMap": {"name": self.name}}

    @property
    def digest(self) -> dict[str, str]:
        """An annotation for the pods."""
        text = json.dumps(dict(self.texts), sort_keys=True)
        return {f"falaj.ae/{self.name}": hashlib.sha256(text.encode()).hexdigest()[:16]}

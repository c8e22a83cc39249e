"""Schemas that an API server publishes (OpenAPI v3): of its own kinds and of those that are defined in it."""

import threading
from collections.abc import Mapping
from typing import Any

from infra.plan.cluster.client import Client, RefusedError
from infra.plan.structural import Structure


class Published:
    """What one API server publishes, asked for when it is needed."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._parts: dict[str, Mapping[str, Any]] = {}
        self._lock = threading.Lock()

    def of(self, inputs: Mapping[str, Any]) -> Structure | None:
        """The structure of an object's kind; None when the server does not have it."""
        version, kind = str(inputs.get("apiVersion")), str(inputs.get("kind"))
        group, _, short = version.rpartition("/")
        wanted = {"group": group, "version": short, "kind": kind}
        for schema in self._of_version(version).values():
            if wanted in (schema.get("x-kubernetes-group-version-kind") or []):
                return Structure(schema, closed=False, parts=self._of_version(version))
        with self._lock:
            self._parts.pop(version, None)  # it may be defined later
        return None

    def _of_version(self, version: str) -> Mapping[str, Any]:
        with self._lock:
            if version not in self._parts:
                at = f"apis/{version}" if "/" in version else f"api/{version}"
                try:
                    document = self._client.ask("GET", f"/openapi/v3/{at}")
                except RefusedError as error:
                    if error.status != 404:
                        raise
                    return {}
                self._parts[version] = document["components"]["schemas"]
            return self._parts[version]

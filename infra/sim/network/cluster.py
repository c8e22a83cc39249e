"""Who is behind an address, as the API server has it."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.plan.cluster.client import Client, Object, RefusedError
from infra.plan.definitions import part

_SUBMITTED = ("", "K8sJobMode")
"""The way of handing a job in that is a pod of its own; it is the default."""


@dataclass(frozen=True)
class Pod:
    """A pod of a Ray cluster."""

    namespace: str
    uid: str
    cluster: str
    head: bool
    kept: bool
    """Whether what the head knows is kept outside of it."""
    secret: tuple[str, str] | None
    """Name and key of the Secret whose token calls must show."""


class Cluster:
    def __init__(self, client: Client) -> None:
        self._client = client

    def pod(self, address: str) -> Pod | None:
        """The running pod of a Ray cluster that has the address."""
        found = self._list("/api/v1/pods", f"status.podIP={address},status.phase=Running")
        clusters = [one for one in found if _label(one, "ray.io/cluster")]
        return _pod(clusters[0]) if clusters else None

    def service(self, address: str) -> str | None:
        """`namespace/name` of the service that has the address."""
        found = self._list("/api/v1/services", f"spec.clusterIP={address}")
        return "/".join(found[0]["metadata"][key] for key in ("namespace", "name")) if found else None

    def token(self, pod: Pod) -> str:
        """What calls must show; "" when the pod asks for none, or its Secret is gone."""
        if pod.secret is None:
            return ""
        name, key = pod.secret
        try:
            secret = self._client.ask("GET", f"/api/v1/namespaces/{pod.namespace}/secrets/{name}")
        except RefusedError:
            return ""
        return b64decode(part(secret, "data").get(key, "")).decode()

    def submitted(self, namespace: str, job: str) -> str | None:
        """The entrypoint of the RayJob that hands a job of this id in by a pod."""
        for one in self._list(f"/apis/ray.io/v1/namespaces/{namespace}/rayjobs"):
            by_pod = one["spec"].get("submissionMode", "") in _SUBMITTED
            if by_pod and part(one, "status").get("jobId") == job:
                return one["spec"].get("entrypoint", "")
        return None

    def _list(self, at: str, fields: str = "") -> list[Object]:
        """As the server remembers it, which costs its store nothing."""
        return self._client.ask("GET", at, query={"fieldSelector": fields, "resourceVersion": "0"})["items"]


def _pod(found: Object) -> Pod:
    metadata = found["metadata"]
    variables: list[Mapping[str, Any]] = found["spec"]["containers"][0].get("env") or []
    secrets = [part(part(one, "valueFrom"), "secretKeyRef") for one in variables if one["name"] == "RAY_AUTH_TOKEN"]
    return Pod(
        namespace=metadata["namespace"],
        uid=metadata["uid"],
        cluster=_label(found, "ray.io/cluster"),
        head=_label(found, "ray.io/node-type") == "head",
        kept=part(metadata, "annotations").get("ray.io/ft-enabled") == "true",
        secret=(secrets[0]["name"], secrets[0]["key"]) if secrets and secrets[0] else None,
    )


def _label(found: Object, name: str) -> str:
    return part(found["metadata"], "labels").get(name, "")

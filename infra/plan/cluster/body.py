"""Between the engine's properties and the objects of an API server."""

import base64
import json
from collections.abc import Collection, Mapping
from typing import Any

from google.protobuf import struct_pb2

from components.local.provider.wire import to_python
from infra.plan.cluster.client import Object
from infra.plan.definitions import dashed, part
from infra.plan.difference import bare
from policies.gate.redact import from_engine

# Whoever would answer is a pod that is not there; the API server need not wait for it.
_NOBODY = {"name": "simulated", "expression": "false"}


def is_known(properties: struct_pb2.Struct) -> bool:
    """Whether every value is known by now."""
    return "$unknown" not in json.dumps(from_engine(properties))


def to_object(properties: struct_pb2.Struct, answered: Collection[str] = ()) -> Object:
    """What is applied. A Secret's texts become its data, as the server would have them: so they have one owner.

    Of webhooks, only those are called whose service, `namespace/name`, is `answered` for.
    """
    made: Object = bare(to_python(properties))
    if made.get("kind") == "CustomResourceDefinition":
        return dashed(made)
    if made.get("kind") == "Secret" and (texts := made.pop("stringData", None)):
        coded = {name: base64.b64encode(str(text).encode()).decode() for name, text in texts.items()}
        made["data"] = {**(made.get("data") or {}), **coded}
    if str(made.get("kind")).endswith("WebhookConfiguration"):
        webhooks: list[Object] = made.get("webhooks") or []
        silent: Object = {"matchConditions": [_NOBODY]}
        made["webhooks"] = [one if _service(one) in answered else one | silent for one in webhooks]
    return made


def _service(webhook: Object) -> str:
    found = part(part(webhook, "clientConfig"), "service")
    return f"{found.get('namespace')}/{found.get('name')}"


def identity(token: str, id_: str, properties: struct_pb2.Struct) -> Object:
    """Only what names an object."""
    _, module, kind = token.split(":")
    namespace, _, name = id_.rpartition("/")
    return {
        "apiVersion": to_python(properties).get("apiVersion") or module.removeprefix("core/"),
        "kind": kind,
        "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
    }


def id_of(live: Mapping[str, Any]) -> str:
    """`namespace/name`, or the name of what is in none."""
    metadata = live["metadata"]
    return "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))

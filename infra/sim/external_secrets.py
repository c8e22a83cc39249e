"""Stands in for external-secrets' controller, which runs nowhere in a simulated region.

`python -m infra.sim.external_secrets KUBECONFIG`. What a stack wants made is made, once, at random; what it wants
copied has a placeholder for a text, since no store is asked.
"""

import logging
import secrets
import string
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from infra.plan.cluster.client import Client, Object, RefusedError, UnservedError
from infra.plan.cluster.config import Config
from infra.plan.definitions import part

PLACEHOLDER = "simulated"
_API, _KIND = "external-secrets.io/v1", "ExternalSecret"
_FIELDS = ("username", "password")
"""Of a secret that is copied whole; what it has is only known where it is."""
_LETTERS = string.ascii_letters + string.digits
_SECONDS = 1.0
_LOG = logging.getLogger(__name__)


def tend(client: Client) -> None:
    """Have the Secret of each ExternalSecret there, and say so. Raises RefusedError and KUBE-002: not listed."""
    try:
        kind = client.kind(_API, _KIND)
    except UnservedError:  # there is no stack yet
        return
    # In all namespaces, as the server remembers them, which costs its store nothing.
    for one in client.ask("GET", f"{kind.root}/{kind.plural}", query={"resourceVersion": "0"})["items"]:
        try:
            _sync(client, one)
        except RefusedError as error:  # it, its generator or its namespace may not be there, yet or any more
            _LOG.warning("%s: %s", one["metadata"]["name"], error)


def texts(client: Client, wanted: Mapping[str, Any]) -> dict[str, str]:
    """What the Secret of an ExternalSecret holds, by key. Raises RefusedError when its generator is not there."""
    spec, space = wanted["spec"], wanted["metadata"]["namespace"]
    sources: list[Mapping[str, Any]] = spec.get("dataFrom") or []
    made: dict[str, str] = {}
    for source in sources:
        made |= _generated(client, part(part(source, "sourceRef"), "generatorRef"), space)
    if made:
        return made
    template = part(part(part(spec, "target"), "template"), "data")
    named: list[Mapping[str, str]] = spec.get("data") or []
    return dict.fromkeys([*template] or [one["secretKey"] for one in named] or _FIELDS, PLACEHOLDER)


def _sync(client: Client, wanted: Object) -> None:
    secret = _named(wanted)
    if client.get(secret) is None:
        client.apply({**secret, "stringData": texts(client, wanted)})
    if not part(wanted, "status").get("conditions"):
        at = client.address({"apiVersion": _API, "kind": _KIND, "metadata": wanted["metadata"]})
        client.ask("PATCH", f"{at}/status", {"status": _status(secret)}, {}, "application/merge-patch+json")


def _generated(client: Client, reference: Mapping[str, str], namespace: str) -> dict[str, str]:
    """Of a generator of passwords; no other is used here."""
    if reference.get("kind") != "Password":
        return {}
    at = client.address({**reference, "metadata": {"name": reference["name"], "namespace": namespace}})
    spec = client.ask("GET", at)["spec"]
    text = "".join(secrets.choice(_LETTERS) for _ in range(spec["length"]))
    return dict.fromkeys(spec.get("secretKeys") or ["password"], text)


def _named(wanted: Mapping[str, Any]) -> Object:
    """It goes with who wants it."""
    about, name = wanted["metadata"], part(part(wanted, "spec"), "target").get("name")
    owner = {"apiVersion": _API, "kind": _KIND, "name": about["name"], "uid": about["uid"], "controller": True}
    metadata = {"name": name or about["name"], "namespace": about["namespace"], "ownerReferences": [owner]}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}


def _status(secret: Object) -> dict[str, Any]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    ready = {"type": "Ready", "status": "True", "reason": "SecretSynced", "message": PLACEHOLDER}
    return {
        "binding": {"name": secret["metadata"]["name"]},
        "conditions": [{**ready, "lastTransitionTime": now}],
        "refreshTime": now,
    }


def main() -> None:
    """Look again each second, until ended."""
    client = Client(Config.load(Path(sys.argv[1])))
    while True:
        try:
            tend(client)
        except (FalajError, RefusedError) as error:  # all of the kind may be gone with the stack
            _LOG.warning("%s", error)
        time.sleep(_SECONDS)


if __name__ == "__main__":
    main()

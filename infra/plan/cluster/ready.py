"""When an object has become what it is for, by its kind.

The annotations `pulumi.com/skipAwait` and `pulumi.com/waitFor` mean what they mean to Pulumi's own provider.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from infra.plan.change import at
from infra.plan.cluster.client import Client, Object
from infra.plan.definitions import part

_PATH = re.compile(r"jsonpath=\{?\.?(?P<path>[\w.\-/\[\]]+)\}?(=(?P<value>.*))?$")
_CONDITION = re.compile(r"condition=(?P<type>[\w./\-]+)(=(?P<value>\w+))?$")


class HopelessError(Exception):
    """It will not become ready by waiting."""


def awaited(live: Object, client: Client) -> str:
    """What is waited for; "" when the object is ready. Raises HopelessError."""
    notes: Mapping[str, str] = live["metadata"].get("annotations") or {}
    if notes.get("pulumi.com/skipAwait") == "true":
        return ""
    if wanted := notes.get("pulumi.com/waitFor"):
        texts = json.loads(wanted) if wanted.startswith("[") else [wanted]
        return next((text for text in texts if not _holds(live, text)), "")
    rule = _RULES.get(live["kind"])
    return rule(live) if rule and _is_ours(live) and not _binds_late(live, client) else ""


def _is_ours(live: Object) -> bool:
    """Whether its kind is one that the rules are about, and no other group's of the same name."""
    group = live["apiVersion"].rpartition("/")[0]
    return group in ("", "apps", "apiextensions.k8s.io", "ray.io")


def _holds(live: Object, text: str) -> bool:
    if found := _CONDITION.match(text):
        return _condition(live, found["type"]).get("status") == (found["value"] or "True")
    if not (found := _PATH.match(text)):
        raise HopelessError(f"pulumi.com/waitFor says {text!r}; it takes condition=TYPE and jsonpath={{.path}}=value")
    value = at(live, found["path"])
    said = str(value).lower() if isinstance(value, bool) else str(value)
    return value is not None if found["value"] is None else said == found["value"]


def _condition(live: Object, type_: str) -> Mapping[str, Any]:
    conditions: list[Mapping[str, Any]] = _status(live).get("conditions") or []
    return next((one for one in conditions if one.get("type") == type_), dict[str, Any]())


def _status(live: Object) -> Mapping[str, Any]:
    return part(live, "status")


def _definition(live: Object) -> str:
    names = _condition(live, "NamesAccepted")
    if names.get("status") == "False":
        raise HopelessError(str(names.get("message")))
    return "" if _condition(live, "Established").get("status") == "True" else "it is not established"


def _namespace(live: Object) -> str:
    phase = _status(live).get("phase")
    return "" if phase == "Active" else f"it is {phase or 'not there'}"


def _pod(live: Object) -> str:
    phase, ready = _status(live).get("phase"), _condition(live, "Ready")
    if phase == "Failed":
        raise HopelessError(
            f"it failed: {_status(live).get('message') or _status(live).get('reason') or 'without a word'}"
        )
    if phase == "Succeeded" or ready.get("status") == "True":
        return ""
    scheduled = _condition(live, "PodScheduled").get("message")
    return f"it is {phase}" + (f": {scheduled}" if scheduled else "")


def _rollout(live: Object) -> str:
    """A Deployment or a StatefulSet."""
    status, wanted = _status(live), live["spec"].get("replicas", 1)
    progress = _condition(live, "Progressing")
    if progress.get("reason") == "ProgressDeadlineExceeded":
        raise HopelessError(str(progress.get("message")))
    if status.get("observedGeneration", 0) < live["metadata"]["generation"]:
        return "its controller has not seen it"
    return _counted(status, wanted, "updatedReplicas", "readyReplicas")


def _daemons(live: Object) -> str:
    status = _status(live)
    if status.get("observedGeneration", 0) < live["metadata"]["generation"]:
        return "its controller has not seen it"
    return _counted(status, status.get("desiredNumberScheduled", 0), "updatedNumberScheduled", "numberReady")


def _counted(status: Mapping[str, Any], wanted: int, *names: str) -> str:
    least = min(int(status.get(name) or 0) for name in names)
    return "" if least >= wanted else f"{least} of {wanted} pods are ready"


def _claim(live: Object) -> str:
    phase = _status(live).get("phase")
    return "" if phase == "Bound" else f"it is {phase}"


def _binds_late(live: Object, client: Client) -> bool:
    """Whether it is a volume claim that waits for its first pod: it is as ready as it can be."""
    named = part(live, "spec").get("storageClassName")
    if live["kind"] != "PersistentVolumeClaim" or not named:
        return False
    found = client.get({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": named}})
    return found is not None and found.get("volumeBindingMode") == "WaitForFirstConsumer"


def _ray(live: Object) -> str:
    state = _status(live).get("state")
    if state in ("ready", "suspended"):
        return ""
    why = _status(live).get("reason") or _condition(live, "RayClusterProvisioned").get("message")
    return f"it is {state or 'not seen by its operator'}" + (f": {why}" if why else "")


_RULES: dict[str, Callable[[Object], str]] = {
    "CustomResourceDefinition": _definition,
    "DaemonSet": _daemons,
    "Deployment": _rollout,
    "Namespace": _namespace,
    "PersistentVolumeClaim": _claim,
    "Pod": _pod,
    "RayCluster": _ray,
    "StatefulSet": _rollout,
}


def refused(live: Object, client: Client, since: datetime) -> str:
    """Why its pods are not made: a quota, Pod Security, a webhook. "" when nothing has been said since then.

    From events: a condition stays for as long as its controller waits to try again, whatever was mended meanwhile.
    """
    name = re.escape(live["metadata"]["name"])
    makers = {"ReplicaSet": rf"{name}-[a-z0-9]+"} if live["kind"] == "Deployment" else {live["kind"]: name}
    chosen = {"fieldSelector": "type=Warning,reason=FailedCreate"}
    for event in client.list_of("v1", "Event", live["metadata"].get("namespace") or "default", chosen):
        about, seen = event["involvedObject"], event.get("lastTimestamp") or event.get("eventTime")
        pattern = makers.get(about["kind"])
        recent = seen and datetime.fromisoformat(seen) >= since
        if recent and pattern and re.fullmatch(pattern, about["name"]) and "forbidden" in event["message"]:
            return str(event["message"]).removeprefix("Error creating: ")
    return ""

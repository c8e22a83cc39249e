"""What an API server refused, as one clear error: the object, the field, the value, the reason."""

import re
from collections.abc import Mapping
from typing import Any, cast

from infra.errors import FalajError
from infra.plan.check import quoted
from infra.plan.cluster.client import Object, RefusedError

_FIXED = re.compile(
    r"immutable|updates to .*forbidden|may not (be )?chang|can ?not (be )?(chang|unset)|updates may not", re.IGNORECASE
)
_MISSING = re.compile(r"\bnot found\b|\bwas found\b")
_UNTYPED = re.compile(r"\s\.(?P<path>\S+): (?P<why>field not declared in schema|expected .*, got .*)")
_STEP = re.compile(r'\[name="([^"]*)"\]|\[(\d+)\]|([^.\[\]]+)')


def named(found: Mapping[str, Any]) -> str:
    """An object as a person names it: `Deployment ray/web`."""
    metadata: Mapping[str, Any] = found.get("metadata") or {}
    return f"{found.get('kind')} {'/'.join(filter(None, (metadata.get('namespace'), metadata.get('name'))))}"


def is_fixed(error: RefusedError) -> bool:
    """Whether the object cannot be changed so in place."""
    return error.status == 422 and bool(_FIXED.search(error.message))


def is_only_fixed(error: RefusedError) -> bool:
    """Whether nothing else is said against it."""
    return is_fixed(error) and all(_FIXED.search(one.message) for one in error.causes)


def is_early(error: RefusedError) -> bool:
    """Whether something is missing that the object needs: its namespace, a priority class, an account."""
    return error.status in (403, 404) and bool(_MISSING.search(error.message))


def told(error: RefusedError, found: Object) -> FalajError:
    """The error of the catalogue: KUBE-006 for fields of another owner, else KUBE-001."""
    if error.status == 409 and (fields := [one for one in error.causes if one.reason == "FieldManagerConflict"]):
        owners = "; ".join(f"{one.place}: {one.message}" for one in fields)
        return FalajError("KUBE-006", named(found), owners)
    message = " ".join(error.message.split())
    if untyped := _UNTYPED.search(message):
        path, why = untyped["path"], untyped["why"]
        return FalajError("KUBE-001", named(found), f"{path} is {quoted(_at(found, path))}: {why}")
    return FalajError("KUBE-001", named(found), message)


def _at(value: Any, path: str) -> Any:
    for name, index, step in _STEP.findall(path):
        match value:
            case dict():
                value = cast("Object", value).get(step)
            case list():
                items = cast("list[Any]", value)
                value = items[int(index)] if index else next((one for one in items if one.get("name") == name), None)
            case _:
                return None
    return value

"""A state that `pulumi stack export` wrote, as a plan can start from it: nobody has to open its secrets."""

import json
from pathlib import Path
from typing import Any, cast

from infra.errors import FalajError
from infra.plan.difference import SEALED

_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
_VERSIONS = (3, 4)

Resources = list[dict[str, Any]]


def resources(file: Path, stack: str = "") -> Resources:
    """The resources of an exported state, of that stack if one is named. Raises PLAN-002."""
    try:
        document: Any = json.loads(file.read_text())
        found: Resources = document["deployment"].get("resources") or []
        version, urns = document.get("version"), [str(item["urn"]) for item in found]
    except FileNotFoundError as error:
        raise FalajError("PLAN-002", str(file), "there is no such file") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FalajError("PLAN-002", str(file), "it is no exported state") from error
    if version not in _VERSIONS:
        raise FalajError(
            "PLAN-002", str(file), f"its version is {version}, known are {_VERSIONS[0]} and {_VERSIONS[1]}"
        )
    for other in {urn.split("::")[0].removeprefix("urn:pulumi:") for urn in urns} - {stack or _stack(urns)}:
        raise FalajError("PLAN-002", str(file), f"it is the state of stack {other!r}, not of {stack or _stack(urns)!r}")
    return found


def reopened(found: Resources) -> Resources:
    """The resources with a stand-in for each secret, and with nothing protected: a plan takes nothing away."""
    return [{**_unsealed(item), "protect": False} for item in found]


def protected(found: Resources) -> frozenset[str]:
    """URNs of what is protected."""
    return frozenset(item["urn"] for item in found if item.get("protect"))


def _stack(urns: list[str]) -> str:
    return urns[0].split("::")[0].removeprefix("urn:pulumi:") if urns else ""


def _unsealed(value: Any) -> Any:
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        if fields.get(_SIGNATURE) == _SECRET:
            return {_SIGNATURE: _SECRET, "plaintext": json.dumps(SEALED)}
        return {name: _unsealed(item) for name, item in fields.items()}
    return [_unsealed(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value

"""What a plan does to one resource."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from policies.gate.redact import redact

Operation = Literal["create", "update", "replace", "delete", "same", "read", "import"]
OPERATIONS: tuple[Operation, ...] = ("create", "update", "replace", "delete", "import", "same", "read")

_HALVES = {"create-replacement": "replace", "delete-replaced": "replace", "discard": "delete", "refresh": "same"}
_SHOWN = 48  # characters of a value
_STEP = re.compile(r'\["([^"]*)"\]|\[(\d+)\]|([^.\[\]]+)')


@dataclass(frozen=True)
class Property:
    """An input that is not what it was, with the values as texts; secrets and unknowns are words in brackets."""

    path: str
    old: str
    new: str
    replaces: bool


@dataclass(frozen=True)
class Change:
    """One resource of a plan."""

    urn: str
    type: str
    operation: Operation
    inputs: Mapping[str, Any]
    """As the gate's document has them: without secrets."""
    properties: tuple[Property, ...]
    parent: str
    needs: frozenset[str]
    """URNs of what its inputs or its program name before it."""
    edges: Mapping[str, tuple[str, ...]]
    """Of those, which input names which."""
    region: str
    """Its provider's; "" when it has none or that is not known."""
    protected: bool
    is_component: bool
    """Whether it only holds others."""

    @property
    def name(self) -> str:
        """As the program calls it."""
        return self.urn.rsplit("::", 1)[-1]


def changes(steps: Iterable[Mapping[str, Any]]) -> dict[str, Change]:
    """A plan's changes by URN, from the steps of `pulumi preview --json`; the halves of a replacement are one."""
    listed = [step for step in steps if _state(step)]
    providers = {step["urn"]: _state(step) for step in listed if _state(step)["type"].startswith("pulumi:providers:")}
    found: dict[str, Change] = {}
    for step in listed:
        before = found.get(step["urn"])
        if step["op"] in ("delete-replaced", "discard-replaced") and before:
            continue
        made = _change(step, providers)
        if before and before.properties and not made.properties:
            continue
        found[step["urn"]] = made
    return found


def _state(step: Mapping[str, Any]) -> Mapping[str, Any]:
    return _part(step, "newState") or _part(step, "oldState")


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    nothing: Mapping[str, Any] = {}
    return whole.get(name) or nothing


def _change(step: Mapping[str, Any], providers: Mapping[str, Mapping[str, Any]]) -> Change:
    state, old = _state(step), _part(step, "oldState")
    operation = _HALVES.get(step["op"], step["op"])
    dependencies: list[str] = state.get("dependencies") or []
    edges: Mapping[str, list[str]] = state.get("propertyDependencies") or {}
    provider: Mapping[str, Any] = providers.get(str(state.get("provider") or "").rpartition("::")[0], {})
    region = _part(provider, "inputs").get("region")
    return Change(
        urn=step["urn"],
        type=state["type"],
        operation=cast("Operation", operation),
        inputs=redact(state.get("inputs") or {}),
        properties=_properties(step) if operation in ("update", "replace") else (),
        parent=state.get("parent") or "",
        needs=frozenset([*dependencies, *(urn for urns in edges.values() for urn in urns)]),
        edges={name: tuple(urns) for name, urns in edges.items() if urns},
        region=region if isinstance(region, str) else "",
        protected=bool(old.get("protect") or state.get("protect")),
        is_component=not state.get("custom"),
    )


def _properties(step: Mapping[str, Any]) -> tuple[Property, ...]:
    detail: Mapping[str, Mapping[str, Any]] = _part(step, "detailedDiff")
    reasons: list[str] = step.get("diffReasons") or []
    plain: Mapping[str, Mapping[str, Any]] = {name: {"kind": "update"} for name in reasons}
    forcing: list[str] = step.get("replaceReasons") or []
    old, new = (redact(_part(_part(step, which), "inputs")) for which in ("oldState", "newState"))
    return tuple(
        Property(
            path=path,
            old=shown(at(old, path)),
            new=shown(at(new, path)),
            replaces="replace" in str(one.get("kind", "")) or (path in plain and path in forcing),
        )
        for path, one in sorted((detail or plain).items())
    )


def at(value: Any, path: str) -> Any:
    """What is at a property path as the engine writes it; None where there is nothing."""
    for quoted, index, name in _STEP.findall(path):
        match value:
            case dict():
                value = cast("dict[str, Any]", value).get(quoted or name)
            case list():
                items = cast("list[Any]", value)
                value = items[int(index)] if index and int(index) < len(items) else None
            case _:
                return None
    return value


def shown(value: Any) -> str:
    """A value as a few characters of text."""
    match value:
        case {"$unknown": _}:
            return "[not known yet]"
        case {"$secret": _} | {"$literal_secret": _}:
            return "[secret]"
        case {"$ref": _} | {"$asset": _}:
            return "[a resource or a file]"
        case _:
            text = "—" if value is None else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"

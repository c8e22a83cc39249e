"""Pulumi's own JSON as steps of a plan: `pulumi preview --json`, and an exported state."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

_INSIDE = re.compile(r"^project:///(?!\.\.|\.venv/)([^#]+)#(\d+)(?:,\d+)?$")
_FILE_OF_USER = ("infra/", "stacks/")
Json = Mapping[str, Any]


def of_preview(preview: Json) -> list[dict[str, Any]]:
    """The steps of `pulumi preview --json --show-sames --show-reads`."""
    listed: list[Json] = preview.get("steps") or []
    states = [(step["op"], _new(step)) for step in listed]
    providers = _providers(state for _, state in states)
    return [_step(op, state, providers) for op, state in states if state]


def of_state(deployment: Json, op: str) -> list[dict[str, Any]]:
    """Every resource of an exported state (`pulumi stack export`, or a checkpoint's `latest`), under one operation."""
    resources: list[Json] = deployment.get("resources") or []
    providers = _providers(resources)
    return [_step(op, state, providers) for state in resources if not state.get("delete")]


def _new(step: Json) -> Json:
    """The state a step leads to, of a deletion the state it starts from."""
    nothing: Json = {}
    return step.get("newState") or step.get("oldState") or nothing


def _step(op: str, state: Json, providers: Mapping[str, Json]) -> dict[str, Any]:
    reference = str(state.get("provider") or "")
    urn = reference.rpartition("::")[0]
    known = providers.get(urn, {})
    name = {"urn": urn, "type": known.get("type", ""), "name": urn.rsplit("::", 1)[-1]}
    ignored: list[str] = state.get("ignoreChanges") or []
    aliases: list[Any] = state.get("aliases") or []
    edges: dict[str, list[str]] = state.get("propertyDependencies") or {}
    return {
        "urn": state["urn"],
        "type": state["type"],
        "op": op,
        "inputs": dict(state.get("inputs") or {}),
        "parent": state.get("parent") or "",
        "provider": {**(known.get("inputs") or {}), **name} if reference else {},
        "options": {
            "protect": bool(state.get("protect")),
            "ignore_changes": list(ignored),
            "aliases": [str(alias) for alias in aliases],
        },
        "edges": {path: list(urns) for path, urns in edges.items() if urns},
        "source": _source(state),
    }


def _providers(states: Iterable[Json]) -> dict[str, Json]:
    return {state["urn"]: state for state in states if str(state.get("type")).startswith("pulumi:providers:")}


def _source(state: Json) -> dict[str, Any] | None:
    """Where the user wrote it: the innermost frame of the program itself, else the innermost of the project."""
    frames: list[Json] = [*(state.get("stackTrace") or []), {"sourcePosition": state.get("sourcePosition")}]
    found = [match for frame in frames if (match := _INSIDE.match(str(frame.get("sourcePosition") or "")))]
    chosen = next((match for match in found if match[1].startswith(_FILE_OF_USER)), next(iter(found), None))
    return {"file": chosen[1], "line": int(chosen[2])} if chosen else None

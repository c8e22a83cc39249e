"""The canonical document: what every gate asks about, in one shape (design §6)."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from infra.errors import FalajError
from policies.gate.redact import edges, redact

Operation = Literal["create", "update", "replace", "delete", "same", "read", "import"]
_OPERATIONS: dict[str, Operation] = {
    "create": "create",
    "update": "update",
    "delete": "delete",
    "same": "same",
    "read": "read",
    "refresh": "same",
    "import": "import",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "read-replacement": "replace",
    "discard": "delete",
    "discard-replaced": "replace",
    "import-replacement": "replace",
    "remove-pending-replace": "replace",
}


def _none_is_empty(value: Any) -> Any:
    return {} if value is None else value


_Map = Annotated[dict[str, Any], BeforeValidator(_none_is_empty)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stack(_Model):
    """The stack a document is about. What is not known takes the strictest reading: profile `prod`, not a dry run."""

    name: str = ""
    project: str = ""
    kind: Literal["region", "tenant", "bootstrap"] = "region"
    profile: Literal["dev", "prod"] = "prod"
    jurisdiction: str = ""
    regimes: list[str] = []
    regime: str = ""
    """The one it is routed to: health before bank before a free zone before the general law."""
    data_class: str = ""
    lawful_basis: str = ""
    tenant: str | None = None
    backend: str = ""
    secrets_provider: str = ""
    author: str = ""
    """Whose change it is; nobody approves their own."""
    dry_run: bool = False


class Source(_Model):
    """Where the user wrote it; `line` counts from 1."""

    file: str
    line: int


class Resource(_Model):
    """One resource, redacted."""

    type: str
    name: str = ""
    inputs: _Map = {}
    parent: str = ""
    provider: _Map = {}
    options: _Map = {}
    edges: dict[str, list[str]] = {}
    """Property path to the URNs its value depends on."""
    source: Source | None = None


class Document(_Model):
    """One question to the gate."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    gate: Literal["resource", "stack", "plan", "review", "release", "tenant"]
    stack: Stack
    resources: dict[str, Resource] = {}
    operations: dict[str, Operation] = {}
    release: dict[str, Any] | None = None
    params: dict[str, Any] = {}
    waivers: list[dict[str, Any]] = []
    """Facts about the stack's waivers, without their prose."""
    approvals: list[dict[str, Any]] = []
    """Facts about the approvals of this very plan whose signatures hold."""
    plan: dict[str, Any] | None = None
    """`{digest}` at the plan gate."""
    now: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))

    def as_input(self) -> dict[str, Any]:
        """As OPA gets it. What is no JSON stays what it is, for whoever writes it as text to refuse."""
        return self.model_dump(by_alias=True)


def canonical(value: Any) -> str:
    """A JSON value as text, the same whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def text_digest(text: str) -> str:
    """`sha256:…` of a text."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def digest(value: Any) -> str:
    """`sha256:…` of a JSON value."""
    return text_digest(canonical(value))


def from_plan(steps: Iterable[Mapping[str, Any]], stack: Stack, params: Mapping[str, Any] | None = None) -> Document:
    """The plan's document, from steps {urn, type, op, inputs, parent?, provider?, options?, edges?, source?}.

    `op` is the engine's word. A replacement comes as several steps and stays one `replace`, with the inputs to come.
    """
    resources: dict[str, Resource] = {}
    operations: dict[str, Operation] = {}
    for step in steps:
        urn, operation = str(step["urn"]), _OPERATIONS.get(step["op"])
        if operation is None:
            known = ", ".join(_OPERATIONS)
            raise FalajError("GATE-013", urn, f"the plan's operation is {step['op']!r}, the gate knows {known}")
        if step["op"] in ("delete-replaced", "discard-replaced", "remove-pending-replace") and urn in resources:
            continue
        operations[urn] = "replace" if operations.get(urn) == "replace" else operation
        resources[urn] = Resource(
            type=step["type"],
            name=urn.rsplit("::", 1)[-1],
            inputs=redact(step.get("inputs") or {}),
            parent=step.get("parent") or "",
            provider=redact(step.get("provider") or {}),
            options=redact(step.get("options") or {}),
            edges=dict(step.get("edges") or {}) | edges(step.get("inputs") or {}),
            source=step.get("source"),
        )
    made = Document(gate="plan", stack=stack, resources=resources, operations=operations, params=dict(params or {}))
    return made.model_copy(update={"plan": {"digest": plan_digest(made)}})


def plan_digest(plan: Document) -> str:
    """`sha256:…` of what a plan would do: what an approval is bound to; made again, it is the same."""
    doing = {
        urn: {
            "operation": operation,
            "type": plan.resources[urn].type,
            "inputs": settled(plan.resources[urn].inputs, plan.resources[urn].name),
        }
        for urn, operation in plan.operations.items()
        if operation not in ("same", "read")
    }
    return digest({"stack": plan.stack.name, "project": plan.stack.project, "doing": doing})


def settled(value: Any, name: str) -> Any:
    """A value without the random ending that the engine gives a resource it names itself, anew in every plan."""
    match value:
        case str():
            return f"{name}-*" if re.fullmatch(re.escape(name) + "-?[0-9a-f]{7,8}", value) else value
        case dict():
            return {key: settled(item, name) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [settled(item, name) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value


def from_release(release: Mapping[str, Any] | None, stack: Stack, params: Mapping[str, Any]) -> Document:
    """The document of a model release: `release` is the evidence, `params` the workload's thresholds."""
    evidence = None if release is None else dict(release)
    return Document(gate="release", stack=stack, release=evidence, params=dict(params))

"""The canonical document: what every gate asks about, in one shape (design §6).

Values not known until apply become `{"$unknown": true}`, secrets `{"$secret": true}`: their text goes no further than
this module. `{"$ref": urn}` is a resource, `{"$asset": digest}` a file.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from infra.errors import FalajError

UNKNOWN: dict[str, Any] = {"$unknown": True}
SECRET: dict[str, Any] = {"$secret": True}

# The engine's wire format (sdk/go/common/resource/plugin/rpc.go and sig.go): one sentinel per kind of unknown, and maps
# that carry `_SIGNATURE` are no maps.
_UNKNOWN_TEXTS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_SECRET_TEXT = "[secret]"  # noqa: S105  what `pulumi preview --json` prints in place of one
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  a kind of value, not one
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
_FILES = frozenset({"c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"})

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
    kind: Literal["region", "tenant"] = "region"
    profile: Literal["dev", "prod"] = "prod"
    jurisdiction: str = ""
    regimes: list[str] = []
    tenant: str | None = None
    backend: str = ""
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
    now: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))

    def as_input(self) -> dict[str, Any]:
        """As OPA gets it: plain JSON values."""
        return self.model_dump(mode="json", by_alias=True)


def digest(value: Any) -> str:
    """`sha256:…` of a JSON value, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def redact(value: Any) -> Any:
    """A value as the engine sends or prints it, without unknowns' sentinels and secrets' text."""
    match value:
        case str():
            return dict(UNKNOWN) if value in _UNKNOWN_TEXTS else dict(SECRET) if value == _SECRET_TEXT else value
        case float() if value.is_integer():
            return int(value)  # numbers of a protobuf struct are all floats; nobody wrote port 8181.0
        case Mapping():
            return _redact_map(value)  # pyright: ignore[reportUnknownArgumentType]
        case list() | tuple():
            return [redact(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value


def _redact_map(value: Mapping[str, Any]) -> Any:
    kind = value.get(_SIGNATURE)
    if kind is None:
        return {key: redact(item) for key, item in value.items()}
    if kind == _OUTPUT:
        if value.get("secret"):
            return dict(SECRET)
        return redact(value["value"]) if "value" in value else dict(UNKNOWN)
    if kind == _REFERENCE:
        return {"$ref": str(value.get("urn", ""))}
    if kind in _FILES:
        return {"$asset": str(value.get("hash", ""))}
    return dict(SECRET)  # a secret, or a kind this version does not know: nothing of it is shown


def edges(value: Any, path: str = "") -> dict[str, list[str]]:
    """Property path to the URNs it names: dependencies of outputs and references to resources, in an engine value."""
    found: dict[str, list[str]] = {}
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        kind = fields.get(_SIGNATURE)
        if kind == _REFERENCE:
            found[path] = [str(fields.get("urn", ""))]
        elif kind in (_OUTPUT, _SECRET):
            if urns := cast("list[str]", fields.get("dependencies") or []):
                found[path] = list(map(str, urns))
            found |= edges(fields.get("value"), path)
        else:
            for key, item in fields.items():
                found |= edges(item, f"{path}.{key}" if path else key)
    elif isinstance(value, (list, tuple)):
        items = cast("Iterable[Any]", value)
        for index, item in enumerate(items):
            found |= edges(item, f"{path}[{index}]")
    return found


def from_engine(struct: Any) -> dict[str, Any]:
    """The redacted properties of a protobuf `Struct`."""
    return {key: redact(item) for key, item in plain(struct).items()}


def plain(struct: Any) -> dict[str, Any]:
    """A protobuf `Struct` as Python values, nothing redacted: for `redact` and `edges`, never for a log."""
    return {key: _plain_value(item) for key, item in struct.fields.items()}


def _plain_value(value: Any) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "number_value":
            return value.number_value
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return plain(value.struct_value)
        case "list_value":
            return [_plain_value(item) for item in value.list_value.values]
        case _:
            return None


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
    return Document(gate="plan", stack=stack, resources=resources, operations=operations, params=dict(params or {}))


def from_release(release: Mapping[str, Any] | None, stack: Stack, params: Mapping[str, Any]) -> Document:
    """The document of a model release: `release` is the evidence, `params` the workload's thresholds."""
    evidence = None if release is None else dict(release)
    return Document(gate="release", stack=stack, release=evidence, params=dict(params))

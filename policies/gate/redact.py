"""Values as the engine sends or prints them, without unknowns' sentinels and without secrets' text.

Values not known until apply become `{"$unknown": true}`, secrets `{"$secret": true}`, texts that look like a credential
and are not marked as one `{"$literal_secret": true}`: none of their text goes further than this module. `{"$ref": urn}`
is a resource, `{"$asset": digest}` a file.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

UNKNOWN: dict[str, Any] = {"$unknown": True}
SECRET: dict[str, Any] = {"$secret": True}

LITERAL: dict[str, Any] = {"$literal_secret": True}

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

# Texts that are credentials by their very shape.
_CREDENTIAL = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{30,}"
    r"|\bglpat-[\w-]{20}|\bxox[abprs]-[\w-]{10,}|\bsk-[\w-]{20,}|\bAIza[\w-]{35}|\bhf_[A-Za-z0-9]{30,}"
    r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.|AccountKey=[\w+/=]{20,}|://[^/\s:@]+:[^/\s:@]+@"
)
# Names whose values are credentials, and names that only speak of one.
_NAME = re.compile(
    r"(?i)(pass(word|wd|phrase)|secret|token|api_?key|private_?key|secret_?key|access_?key(_?id)?|credentials?|connection_?string)$"
)
_NO_TEXT = re.compile(r"^(arn:|https?://[^@]*$|/|\$\{)")


def redact(value: Any) -> Any:
    """A value without unknowns' sentinels and secrets' text."""
    match value:
        case str():
            return _redact_text(value)
        case float() if value.is_integer():
            return int(value)  # numbers of a protobuf struct are all floats; nobody wrote port 8181.0
        case Mapping():
            return _redact_map(value)  # pyright: ignore[reportUnknownArgumentType]
        case list() | tuple():
            return [redact(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value


def _redact_text(text: str) -> Any:
    if text in _UNKNOWN_TEXTS:
        return dict(UNKNOWN)
    if text == _SECRET_TEXT:
        return dict(SECRET)
    return dict(LITERAL) if len(text) > 15 and _CREDENTIAL.search(text) else text


def _redact_map(value: Mapping[str, Any]) -> Any:
    kind = value.get(_SIGNATURE)
    if kind is None:
        return _redact_fields(value)
    if kind == _OUTPUT:
        if value.get("secret"):
            return dict(SECRET)
        return redact(value["value"]) if "value" in value else dict(UNKNOWN)
    if kind == _REFERENCE:
        return {"$ref": str(value.get("urn", ""))}
    if kind in _FILES:
        return {"$asset": str(value.get("hash", ""))}
    return dict(SECRET)  # a secret, or a kind this version does not know: nothing of it is shown


def _redact_fields(value: Mapping[str, Any]) -> dict[str, Any]:
    named = value.get("name")
    return {
        key: _redact_named(named if key == "value" and isinstance(named, str) else key, item)
        for key, item in value.items()
        if not key.startswith("__")  # the engine's own notes
    }


def _redact_named(name: str, value: Any) -> Any:
    """The value of that name: of a property, or of a `{name, value}` pair such as a container's environment has."""
    made = redact(value)
    credential = "/" not in name and _NAME.search(name)  # labels and annotations speak of one at most
    if isinstance(made, str) and made and credential and not _NO_TEXT.search(made):
        return dict(LITERAL)
    return made


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
    return _redact_fields(plain(struct))


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

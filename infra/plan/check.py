"""A resource's inputs against the schema of its type: unknown names, missing properties, wrong types."""

import difflib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from infra.plan import schema
from infra.plan.choices import misspelt
from infra.plan.schema import Field, Kind, UnknownTypeError

_MARKS = frozenset({"$unknown", "$secret", "$literal_secret", "$ref", "$asset"})
_CUSTOM = ("apiVersion", "kind", "metadata")
_ANY = (Kind("any"),)
# Amounts of a Kubernetes object are texts to the SDK ("500m") and may be plain numbers all the same.
_AMOUNTS = frozenset({"limits", "requests", "hard", "capacity", "overhead"})
_TEXTS, _QUANTITIES = Kind("map", (Kind("string"),)), Kind("map", (Kind("string"), Kind("number")))
# In a CustomResourceDefinition, what the SDK writes with underscores may be written as Kubernetes does.
_DASHED = "x-kubernetes-"
_SHOWN = 80  # characters of a value in a message


@dataclass(frozen=True)
class Problem:
    """One input that the provider would refuse. `place` is its property path, "" for the resource itself."""

    place: str
    reason: str


def problems(token: str, inputs: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a resource's inputs, as the gate's document has them (`policies.gate.document`).

    What the document hides or does not know (unknowns, secrets, files, resources) is accepted in any place. Types of
    packages other than `schema.PACKAGES` have no problems.
    """
    package = schema.split(token)[0]
    if package not in schema.PACKAGES:
        return []
    if token.startswith(schema.PROVIDER):
        return list(_provider(token, inputs))
    try:
        known = schema.inputs(token)
    except UnknownTypeError as error:
        return [Problem("", f"{error}{nearest(token, schema.types_of(package))}")]
    return list(_custom(token, inputs) if known is None else _object(inputs, known, "", token))


def _provider(token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A provider's own settings. On the wire everything that is no text is text with JSON in it."""
    known = {**(schema.inputs(token) or {}), **dict.fromkeys(("version", "pluginDownloadURL"), Field(False, _ANY, ""))}
    read: dict[str, Any] = {}
    for name, value in inputs.items():
        read[name] = value
        if name in known and isinstance(value, str) and not any(_fits(value, kind) for kind in known[name].kinds):
            try:
                read[name] = json.loads(value)
            except ValueError:
                continue  # what it is then is no such value either
    return _object(read, known, "", token)


def _custom(token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    _, version, kind = schema.split(token)
    choices = {"apiVersion": Kind("string", choices=(version,)), "kind": Kind("string", choices=(kind,))}
    known = {name: Field(True, (choices.get(name, Kind("map")),), name) for name in _CUSTOM}
    return _object(inputs, known | {name: Field(False, _ANY, name) for name in inputs if name not in known}, "", token)


def _object(value: Mapping[str, Any], known: Mapping[str, Field], place: str, what: str) -> Iterator[Problem]:
    for written, item in value.items():
        name = written.replace("-", "_") if written.startswith(_DASHED) else written
        if name in known:
            if item is not None:
                kinds = known[name].kinds
                amounts = name in _AMOUNTS and kinds == (_TEXTS,)
                yield from _value(item, (_QUANTITIES,) if amounts else kinds, below(place, name))
                yield from _texts(item, known[name], below(place, name))
        elif not name.startswith("__"):  # the providers' own notes in a state
            yield Problem(below(place, name), _unknown(name, known, what))
    for name, field in known.items():
        if field.required and value.get(name) is None:
            yield Problem(below(place, name), f"{what} needs it and it is missing")


def _value(value: Any, kinds: tuple[Kind, ...], place: str) -> Iterator[Problem]:
    if value is None or is_mark(value):
        return
    fitting = [kind for kind in kinds if _fits(value, kind)]
    if not fitting:
        wanted = " or ".join(map(str, kinds))
        yield Problem(place, f"is {quoted(value)}, must be {wanted}")
        return
    # Of several objects that may stand here, the one that was meant is the one with the least to say against it.
    yield from min((list(_inside(value, kind, place)) for kind in fitting), key=len)


def _texts(value: Any, field: Field, place: str) -> Iterator[Problem]:
    """Texts that the provider would not take, in a property whose values the SDK's description lists."""
    items = cast("list[Any]", value) if isinstance(value, list) else [value]
    for item in items if field.values else ():
        if not isinstance(item, str) or item in field.values:
            continue
        if meant := misspelt(item, field.values):
            yield Problem(place, f"is {quoted(item)}, must be {meant!r}")
        elif field.only_these:
            yield Problem(place, f"is {quoted(item)}, must be one of {', '.join(map(repr, field.values))}")


def _inside(value: Any, kind: Kind, place: str) -> Iterator[Problem]:
    match value:
        case dict():
            fields = cast("dict[str, Any]", value)
            if kind.args is not None:
                yield from _object(fields, schema.fields(kind.args), place, kind.args.__name__.removesuffix("Args"))
            elif kind.items:
                for name, item in fields.items():
                    yield from _value(item, kind.items, below(place, name))
        case list():
            if kind.items:
                for index, item in enumerate(cast("list[Any]", value)):
                    yield from _value(item, kind.items, f"{place}[{index}]")
        case _:
            pass


def _fits(value: Any, kind: Kind) -> bool:
    if kind.choices:
        return value in kind.choices
    match kind.shape:
        case "any":
            return True
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "list":
            return isinstance(value, list)
        case "map" | "object":
            return isinstance(value, dict)
        case "file" | "resource":
            return False  # these come as marks


def is_mark(value: Any) -> bool:
    """Whether it stands for what is not known or not shown."""
    if not isinstance(value, dict):
        return False
    fields = cast("dict[str, Any]", value)
    return len(fields) == 1 and not _MARKS.isdisjoint(fields)


def _unknown(name: str, known: Collection[str], what: str) -> str:
    return f"{what} has no such property{nearest(name, known)}"


def nearest(name: str, known: Collection[str]) -> str:
    """The end of a sentence about a name that is not known."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"; the nearest is {near[0]}" if near else ""


def below(place: str, name: str) -> str:
    """The property path of a name in what is at a place."""
    return f"{place}.{name}" if place else name


def quoted(value: Any) -> str:
    """A value as a message shows it."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"

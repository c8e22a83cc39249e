"""A Kubernetes object against a schema of OpenAPI v3: a custom resource's, or one that an API server publishes.

As an API server judges with `fieldValidation=Strict`: a field that the schema does not have is an error. Rules in CEL
and alternatives (`anyOf`, `oneOf`, `not`) are the server's alone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from infra.plan.check import Problem, below, is_mark, nearest, quoted

Schema = Mapping[str, Any]
ROOT = ("apiVersion", "kind", "metadata")
"""Of every object; their own rules are not in its schema."""
_NUMBER = {"integer": (int,), "number": (int, float)}
_SHAPES: dict[str, tuple[type, ...]] = {"object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,)}
_BOUNDS = {"minLength": "characters", "minItems": "items", "minProperties": "fields"}


@dataclass(frozen=True)
class Structure:
    """The schema of one kind."""

    schema: Schema
    closed: bool = True
    """Whether an object of which nothing is said holds nothing: so in a custom resource, not in a published schema."""
    parts: Mapping[str, Schema] = field(default_factory=dict[str, Schema])
    """What the schema refers to, by name."""

    def problems(self, found: Mapping[str, Any]) -> list[Problem]:
        """What is wrong with an object, as the gate's document has it; marks fit anywhere."""
        inner = {name: value for name, value in found.items() if name not in ROOT}
        return list(self._value(inner, self.schema, ""))

    def _value(self, value: Any, schema: Schema, place: str) -> Iterator[Problem]:
        if value is None or is_mark(value):
            return
        schema = self._whole(schema)
        if wanted := _misfit(value, schema):
            yield Problem(place, f"is {quoted(value)}, must be {wanted}")
            return
        yield from (Problem(place, reason) for reason in _beyond(value, schema))
        match value:
            case dict():
                yield from self._object(cast("dict[str, Any]", value), schema, place)
            case list():
                for index, item in enumerate(cast("list[Any]", value)):
                    yield from self._value(item, schema.get("items") or {}, f"{place}[{index}]")
            case _:
                pass

    def _object(self, value: Mapping[str, Any], schema: Schema, place: str) -> Iterator[Problem]:
        known: Mapping[str, Schema] = schema.get("properties") or {}
        others = schema.get("additionalProperties")
        for name, item in value.items():
            if name in known:
                yield from self._value(item, known[name], below(place, name))
            elif isinstance(others, Mapping):
                yield from self._value(item, cast("Schema", others), below(place, name))
            elif not self._takes_any(schema, name):
                yield Problem(below(place, name), f"is {quoted(item)}: there is no such field{nearest(name, known)}")
        required: list[str] = schema.get("required") or []
        for name in required:
            if value.get(name) is None and "default" not in known.get(name, {}) and (place or name not in ROOT):
                yield Problem(below(place, name), "it is required and missing")

    def _takes_any(self, schema: Schema, name: str) -> bool:
        if schema.get("x-kubernetes-preserve-unknown-fields") or schema.get("additionalProperties"):
            return True
        if schema.get("x-kubernetes-embedded-resource") and name in ROOT:
            return True
        return not self.closed and "properties" not in schema

    def _whole(self, schema: Schema) -> Schema:
        """The schema with what it refers to."""
        named = str(schema.get("$ref", "")).rsplit("/", 1)[-1]
        every: list[Schema] = [self.parts.get(named, {}), *(schema.get("allOf") or [])]
        for part in every:
            if part:
                schema = {**self._whole(part), **{name: item for name, item in schema.items() if name != "$ref"}}
        return {name: item for name, item in schema.items() if name != "allOf"}


def _misfit(value: Any, schema: Schema) -> str:
    """What stands where something else must: the words for that; "" when it fits."""
    if schema.get("x-kubernetes-int-or-string") or schema.get("format") == "int-or-string":
        return "" if isinstance(value, (int, str)) and not isinstance(value, bool) else "an integer or a string"
    kind = str(schema.get("type", ""))
    shapes = _SHAPES.get(kind) or _NUMBER.get(kind)
    if shapes and (not isinstance(value, shapes) or (isinstance(value, bool) and kind != "boolean")):
        return kind
    choices: list[Any] = schema.get("enum") or []
    return f"one of {', '.join(map(repr, choices))}" if choices and value not in choices else ""


def _beyond(value: Any, schema: Schema) -> Iterator[str]:
    """Rules of length, range and form that it breaks."""
    if isinstance(value, (str, list, dict)):
        size = len(cast("str | list[Any] | dict[str, Any]", value))
        for least, unit in _BOUNDS.items():
            most = least.replace("min", "max")
            if size < schema.get(least, 0) or size > schema.get(most, size):
                yield f"has {size} {unit}, must have {schema.get(least, 0)} to {schema.get(most, 'any number')}"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        if not least <= value <= most:
            yield f"is {value}, must be {schema.get('minimum', 'any')} to {schema.get('maximum', 'any')}"
    pattern = schema.get("pattern")
    if (
        isinstance(value, str)
        and pattern
        and not schema.get("x-kubernetes-int-or-string")
        and not _matches(value, pattern)
    ):
        yield f"is {quoted(value)}, must match {pattern}"


def _matches(text: str, pattern: str) -> bool:
    try:
        return bool(re.search(pattern, text))
    except re.error:  # Go's expressions are not all Python's: the server judges those
        return True

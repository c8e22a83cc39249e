"""Custom resources that are held to the definitions of their own plan, without any cluster."""

from typing import Any

import pytest

from infra.plan.definitions import TOKEN, Definitions
from infra.plan.structural import Structure

CHANNEL = "kubernetes:water.ae/v1:Channel"
SPEC: dict[str, Any] = {
    "type": "object",
    "required": ["litres", "season"],
    "properties": {
        "litres": {"type": "integer", "minimum": 1, "maximum": 900},
        "season": {"type": "string", "enum": ["summer", "winter"], "default": "winter"},
        "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 8},
        "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
        "fields": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "properties": {"of": {"type": "string"}}},
        },
        "shares": {"type": "object", "additionalProperties": {"type": "number"}},
        "notes": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "template": {
            "type": "object",
            "x-kubernetes-embedded-resource": True,
            "properties": {"spec": {"type": "object", "properties": {}}},
        },
        "closed": {"type": "object"},
        "open": {"type": "boolean"},
    },
}


def definition(**spec: Any) -> dict[str, Any]:
    schema = {"type": "object", "required": ["spec"], "properties": {"spec": SPEC, "status": {"type": "object"}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {"spec": {"group": "water.ae", "names": {"kind": "Channel"}, "versions": [version], **spec}}


def channel(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "water.ae/v1", "kind": "Channel", "metadata": {"name": "main"}, "spec": {"litres": 3, **spec}}


def found(inputs: dict[str, Any], **said: Any) -> list[tuple[str, str]]:
    known = Definitions()
    assert known.problems(TOKEN, definition(**said)) == []
    return [(one.place, one.reason) for one in known.problems(CHANNEL, inputs)]


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"season": "summer", "name": "aflaj", "open": False},
        {"port": 80},
        {"port": "http"},
        {"fields": [{"of": "dates"}]},
        {"shares": {"a": 1, "b": 0.5}},
        {"notes": {"any": {"thing": [1]}}},
        {"template": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {}}},
        {"litres": {"$unknown": True}, "fields": {"$secret": True}, "closed": {}},
        {"name": None},
    ],
)
def test_what_a_server_takes_is_taken(spec: dict[str, Any]) -> None:
    assert found(channel(**spec)) == []


@pytest.mark.parametrize(
    ("spec", "place", "reason"),
    [
        ({"litre": 3}, "spec.litre", "is 3: there is no such field; the nearest is litres"),
        ({"litres": "3"}, "spec.litres", "is '3', must be integer"),
        ({"litres": 2.5}, "spec.litres", "is 2.5, must be integer"),
        ({"litres": True}, "spec.litres", "is True, must be integer"),
        ({"litres": 901}, "spec.litres", "is 901, must be 1 to 900"),
        ({"litres": None}, "spec.litres", "it is required and missing"),
        ({"season": "spring"}, "spec.season", "is 'spring', must be one of 'summer', 'winter'"),
        ({"name": "Aflaj"}, "spec.name", "is 'Aflaj', must match ^[a-z]+$"),
        ({"name": "aflajdawudi"}, "spec.name", "has 11 characters, must have 0 to 8"),
        ({"port": 8.5}, "spec.port", "is 8.5, must be an integer or a string"),
        ({"fields": []}, "spec.fields", "has 0 items, must have 1 to any number"),
        (
            {"fields": [{"of": "dates"}, {"off": 1}]},
            "spec.fields[1].off",
            "is 1: there is no such field; the nearest is of",
        ),
        ({"shares": {"a": "all"}}, "spec.shares.a", "is 'all', must be number"),
        ({"template": {"data": 1}}, "spec.template.data", "is 1: there is no such field"),
        ({"closed": {"a": 1}}, "spec.closed.a", "is 1: there is no such field"),
        ({"open": "yes"}, "spec.open", "is 'yes', must be boolean"),
    ],
)
def test_what_it_refuses_is_refused_at_its_place(spec: dict[str, Any], place: str, reason: str) -> None:
    assert found(channel(**spec)) == [(place, reason)]


def test_a_whole_object_has_its_rules_too() -> None:
    assert found({**channel(), "data": 1}) == [("data", "is 1: there is no such field")]
    assert found({"apiVersion": "water.ae/v1", "kind": "Channel", "metadata": {}}) == [
        ("spec", "it is required and missing")
    ]


def test_what_nobody_defines_is_left_alone() -> None:
    assert found({**channel(litre=1), "apiVersion": "water.ae/v2"}) == []
    assert found(channel(litre=1), versions={"$unknown": True}) == []
    assert found(channel(litre=1), names={"kind": {"$unknown": True}}) == []


def test_definitions_are_read_as_the_sdk_writes_them() -> None:
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "x_kubernetes_preserve_unknown_fields": True}},
    }
    version = {"name": "v1", "served": True, "schema": {"openAPIV3Schema": schema}}
    assert found(channel(litre=1), versions=[version]) == []


def test_published_schemas_name_their_parts() -> None:
    parts = {"io.Part": {"type": "object", "properties": {"of": {"type": "string"}}}, "io.Any": {"type": "object"}}
    whole: dict[str, Any] = {
        "properties": {
            "part": {"allOf": [{"$ref": "#/components/schemas/io.Part"}], "default": {}},
            "any": {"$ref": "#/components/schemas/io.Any"},
        }
    }
    structure = Structure(whole, closed=False, parts=parts)
    assert structure.problems({"kind": "Whole", "part": {"of": "a"}, "any": {"thing": 1}}) == []
    assert [one.place for one in structure.problems({"part": {"off": "a"}, "other": 1})] == ["part.off", "other"]

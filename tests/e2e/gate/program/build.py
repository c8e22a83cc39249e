"""One fixture's resources, from the gate's document back to a program."""

import asyncio
import json
from functools import cache
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

from infra.plan import schema
from infra.plan.schema import Kind

LITERAL = "AKIA" + "QWERTYUIOPASDFGH"
"""Looks like a credential and opens nothing."""
DEFAULTS = {"aws": {"region": "me-central-1"}, "azure-native": {"location": "uaenorth"}, "kubernetes": {}}


class Builder:
    """Makes each resource once, and those it depends on before it."""

    def __init__(self, name: str, resources: dict[str, dict[str, Any]]) -> None:
        self.name = name
        self.resources = resources
        self.made: dict[str, pulumi.Resource | None] = {}

    def build(self) -> None:
        for key in self.resources:
            self.get(key)

    def get(self, key: str) -> pulumi.Resource | None:
        """The resource of that key; None when the document has none, or is making it (they name each other)."""
        if key not in self.made and key in self.resources:
            self.made[key] = None
            self.made[key] = self.make(key, self.resources[key])
        return self.made.get(key)

    def make(self, key: str, item: dict[str, Any]) -> pulumi.Resource:
        edges = {path: [one for urn in urns if (one := self.get(urn))] for path, urns in item["edges"].items()}
        inputs = {
            name: depending(value_of(value, name, edges), value, edges.get(name, []))
            for name, value in (item.get("inputs") or {}).items()
            if value is not None
        }
        given = item.get("options") or {}
        options = pulumi.ResourceOptions(
            protect=given.get("protect"),
            ignore_changes=given.get("ignore_changes"),
            provider=provider(item["type"], item.get("provider") or {}),
            parent=self.get(item["parent"]) if item.get("parent") else None,
        )
        return declare(item["type"], f"{self.name}-{key}", inputs, options)


def declare(token: str, name: str, inputs: dict[str, Any], options: pulumi.ResourceOptions) -> pulumi.Resource:
    """An instance of the type's class in its SDK."""
    if schema.split(token)[0] not in schema.PACKAGES:
        return pulumi.CustomResource(token, name, inputs, options)
    if schema.is_custom(token):
        own = {"api_version": inputs.pop("apiVersion"), "kind": inputs.pop("kind")}
        return CustomResource(name, **own, **inputs, opts=options)
    known = schema.inputs(token)
    arguments = {known[key].python: value for key, value in inputs.items()}
    if "resource_name" in arguments:  # the name of the resource itself, for the SDKs' classes
        arguments["resource_name_"] = arguments.pop("resource_name")
    return schema.resource_class(token)(name, **arguments, opts=options)


def provider(token: str, given: dict[str, Any]) -> pulumi.ProviderResource | None:
    """The provider that a fixture names, or the one of that cloud that all others share."""
    package = schema.split(token)[0]
    if package not in schema.PACKAGES or token.startswith(schema.PROVIDER):
        return None
    named = {key: value for key, value in given.items() if key not in ("type", "urn", "name", "version")}
    return shared(package, json.dumps(DEFAULTS[package] | named, sort_keys=True))


@cache
def shared(package: str, settings: str) -> pulumi.ProviderResource:
    """One provider for each of the settings (JSON)."""
    name = f"{package}-{shared.cache_info().currsize}"
    kind = schema.PROVIDER + package
    known = schema.inputs(kind)
    inputs = {
        key: value_of(value if Kind("string") in known[key].kinds else written(value), key, {})
        for key, value in json.loads(settings).items()
    }
    return declare(kind, name, inputs, pulumi.ResourceOptions())


def written(value: Any) -> Any:
    """A provider's setting as a program writes it: a provider keeps what is no text as a text of JSON."""
    return json.loads(value) if isinstance(value, str) else value


def value_of(value: Any, path: str, edges: dict[str, list[pulumi.Resource]]) -> Any:
    """A value of the document as a program has it; what is unknown comes from where its edge leads."""
    match value:
        case {"$unknown": True}:
            return unknown([one for at, targets in edges.items() if _within(path, at) for one in targets])
        case {"$secret": True}:
            return pulumi.Output.secret("kept to itself")
        case {"$literal_secret": True}:
            return LITERAL
        case {"$asset": _}:
            return pulumi.StringAsset("text")
        case dict():
            return {key: value_of(item, f"{path}.{key}", edges) for key, item in value.items() if item is not None}
        case list():
            return [value_of(item, f"{path}[{index}]", edges) for index, item in enumerate(value)]
        case _:
            return value


def unknown(targets: list[pulumi.Resource]) -> pulumi.Output[Any]:
    """The id of the first resource, depending on all of them; of none, what a preview cannot know and nobody makes."""
    if targets:
        return pulumi.Output.all(*[one.id for one in targets]).apply(lambda ids: ids[0])
    value, is_known = asyncio.Future(), asyncio.Future()
    value.set_result(None)
    is_known.set_result(False)
    return pulumi.Output(set(), value, is_known)


def depending(made: Any, written: Any, targets: list[pulumi.Resource]) -> Any:
    """A property that is known and depends on other resources all the same."""
    if not targets or "$unknown" in json.dumps(written):
        return made
    return pulumi.Output.all(made, *[one.urn for one in targets]).apply(lambda values: values[0])


def _within(path: str, at: str) -> bool:
    return path == at or (path.startswith(at) and path[len(at)] in ".[")

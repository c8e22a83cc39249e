"""Inputs of a resource type, from the installed SDKs: what each is called, what it holds, whether it must be there.

Read from the type hints of the SDKs' Args classes, one type at a time and once: an SDK has thousands of them. The first
type of a service imports that service (0.1 to 1 s), the next ones cost about a millisecond.
"""

import enum
import importlib
import inspect
import re
import sys
import threading
import typing
import warnings
from collections import abc
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import pulumi
from pulumi import _types as sdk  # pyright: ignore[reportPrivateUsage]  the hints' own meaning is nowhere else
from pulumi.runtime.rpc import get_resource_module

from infra.plan import choices

PACKAGES = {"aws": "pulumi_aws", "azure-native": "pulumi_azure_native", "kubernetes": "pulumi_kubernetes"}
PROVIDER = "pulumi:providers:"

Shape = Literal["string", "number", "boolean", "list", "map", "object", "file", "resource", "any"]

_SCALARS: dict[Any, Shape] = {str: "string", bool: "boolean", int: "number", float: "number"}
_LISTS = (list, abc.Sequence)
_MAPS = (dict, abc.Mapping)
_FILES = (pulumi.Asset, pulumi.Archive)
_lock = threading.RLock()


class UnknownTypeError(LookupError):
    """No such resource type in the installed SDK. Says so in one line."""


@dataclass(frozen=True)
class Kind:
    """One thing that a property may hold."""

    shape: Shape
    items: tuple["Kind", ...] = ()
    """What an entry of a list or of a map may hold; empty for anything."""
    choices: tuple[Any, ...] = ()
    """The only values there are; empty for any of the shape."""
    args: type | None = None
    """The SDK's class of an object: its properties are `fields(args)`."""

    def __str__(self) -> str:
        if self.choices:
            return "one of " + ", ".join(map(repr, self.choices))
        if self.items:
            return f"{self.shape} of {' or '.join(map(str, self.items))}"
        return self.shape


@dataclass(frozen=True)
class Field:
    """One property."""

    required: bool
    kinds: tuple[Kind, ...]
    """Any one of these."""
    python: str
    """Its name in a Python program."""
    values: tuple[str, ...] = ()
    """Texts that the SDK's description of it lists."""
    only_these: bool = False
    """Whether the list is known to be complete."""


_TEXT = (Kind("string"),)


@cache
def resource_class(token: str) -> type:
    """The SDK's class of a resource type. Raises UnknownTypeError.

    An Azure module's version is passed over: the SDK has one version of each, and names it without.
    """
    with _importing():
        return _resource_class(token)


@cache
def args_class(token: str) -> type:
    """The SDK's class of a resource type's inputs. Raises UnknownTypeError."""
    with _importing():
        return _args_of(_resource_class(token))


@cache
def inputs(token: str) -> dict[str, Field] | None:
    """Properties of a type by their camelCase names; None when it is open. Raises UnknownTypeError.

    Open are Kubernetes' custom types: their schema is with the cluster, not in the SDK.
    """
    if is_custom(token):
        return None
    with _importing():
        return fields(_args_of(_resource_class(token)))


@cache
def fields(args: type) -> dict[str, Field]:
    """Properties of an Args class by their camelCase names."""
    with _importing():
        hints = sdk.input_type_types(args)
        parameters = inspect.signature(args).parameters
        return {
            name: _field(args, python, parameters[python].default is inspect.Parameter.empty, hints[name])
            for python, name in sdk.input_type_py_to_pulumi_names(args).items()
            if python in parameters
        }


@cache
def computed(token: str) -> dict[str, Shape]:
    """Outputs that every resource of a type has once it exists, and their shapes. Empty for open types."""
    if is_custom(token) or token.startswith("kubernetes:"):
        return {}  # what a Kubernetes object has beside its inputs is its status, which no program may rely on
    found: dict[str, Shape] = {}
    for name, returned in _getters(resource_class(token)):
        (held,) = typing.get_args(returned) or (Any,)
        if type(None) not in typing.get_args(held) and name not in ("id", "urn"):
            found[name] = _shape(held)
    return found


@cache
def documents(token: str) -> frozenset[str]:
    """Properties that are a text of JSON and may be written as an object: AWS's policies."""
    known = {} if token.startswith(PROVIDER) or not token.startswith("aws:") else inputs(token) or {}
    both = {"string", "object"}
    return frozenset(name for name, field in known.items() if {kind.shape for kind in field.kinds} == both)


@cache
def is_custom(token: str) -> bool:
    """Whether it is a Kubernetes type of an API group that the SDK does not have."""
    package, group, _ = split(token)
    if package != "kubernetes" or token.startswith(PROVIDER):
        return False
    return not any(known.split("/")[0] == group.split("/")[0] for known in _modules("kubernetes"))


def split(token: str) -> tuple[str, str, str]:
    """A type's package, module and name."""
    if token.startswith(PROVIDER):
        return token.removeprefix(PROVIDER), "", "Provider"
    package, module, name = token.split(":")
    return package, module, name


def types_of(package: str) -> list[str]:
    """Every resource type of a package's SDK."""
    return [token for module in _modules(package).values() for token in module["classes"]]


@contextmanager
def _importing() -> Generator[None]:
    """One thread at a time: the SDKs' modules import each other, and two threads would each get half of them."""
    with _lock, warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # of the SDKs' own old types
        yield


def _resource_class(token: str) -> type:
    package, module, name = split(token)
    if token.startswith(PROVIDER):
        return importlib.import_module(PACKAGES[package]).Provider
    if package == "azure-native":
        token = f"{package}:{re.sub(r'/v[0-9]+(preview)?$', '', module)}:{name}"
    known = _modules(package).get(split(token)[1])
    if known is None or token not in known["classes"]:
        raise UnknownTypeError(f"{token} is no resource type of {PACKAGES[package]}")
    return getattr(importlib.import_module(known["fqn"]), known["classes"][token])


@cache
def _modules(package: str) -> dict[str, dict[str, Any]]:
    """Modules of an SDK by their names in tokens: {fqn: Python module, classes: {token: class}}."""
    with _importing():
        name = PACKAGES[package]
        text = inspect.getsource(importlib.import_module(name))
    found = re.findall(r'^  "mod": "(.*)",$', text, re.MULTILINE)
    registered: list[Any] = [get_resource_module(package, module, "") for module in found]
    return {module: entry.mod_info for module, entry in zip(found, registered, strict=True) if entry}


def _args_of(resource: type) -> type:
    """A resource's Args class; it is called InitArgs where an object of another has the plain name."""
    module = sys.modules[resource.__module__]
    for suffix in ("InitArgs", "Args"):
        args = getattr(module, resource.__name__ + suffix, None)
        if args is not None and args.__module__ == resource.__module__:
            return args
    raise UnknownTypeError(f"{resource.__name__} has no inputs in {resource.__module__}")


def _getters(resource: type) -> list[tuple[str, Any]]:
    names = sdk.resource_py_to_pulumi_names(resource)
    properties: Any = vars(resource)
    return [
        (names[python], value.fget.__annotations__.get("return"))
        for python, value in properties.items()
        if isinstance(value, property) and python in names
    ]


def _field(args: type, python: str, required: bool, hint: Any) -> Field:
    kinds = _kinds(hint)
    if kinds not in (_TEXT, (Kind("list", items=_TEXT),)):
        return Field(required, kinds, python)
    return Field(required, kinds, python, choices.named(args, python), choices.is_complete(args, python))


def _shape(hint: Any) -> Shape:
    origin = typing.get_origin(hint) or hint
    if origin in _LISTS:
        return "list"
    if origin in _MAPS:
        return "map"
    return _SCALARS.get(origin, "object")


def _kinds(hint: Any) -> tuple[Kind, ...]:
    """The alternatives of a type hint. What wraps a value on its way (Output, Awaitable, None) is none of them."""
    members = typing.get_args(hint) if typing.get_origin(hint) is typing.Union else (hint,)
    found = [kind for member in members if not _is_wrapper(member) for kind in _alternatives(member)]
    if Kind("string") in found:
        found = [kind for kind in found if not (kind.shape == "string" and kind.choices)]
    return tuple(dict.fromkeys(found))


def _alternatives(hint: Any) -> tuple[Kind, ...]:
    origin = typing.get_origin(hint)
    if origin is typing.Union:
        return _kinds(hint)
    if origin is Literal:
        return (Kind("string", choices=typing.get_args(hint)),)
    if origin in _LISTS:
        return (Kind("list", items=_kinds(typing.get_args(hint)[0])),)
    if origin in _MAPS:
        return (Kind("map", items=_kinds(typing.get_args(hint)[1])),)
    if hint in _SCALARS:
        return (Kind(_SCALARS[hint]),)
    if not inspect.isclass(hint):
        return (Kind("any"),)
    return (_of_class(hint),)


def _of_class(hint: type) -> Kind:
    if sdk.is_input_type(hint):
        return Kind("object", args=hint)
    if issubclass(hint, enum.Enum):
        members = tuple(member.value for member in hint)
        return Kind("number" if isinstance(members[0], (int, float)) else "string", choices=members)
    if issubclass(hint, _FILES):
        return Kind("file")
    if issubclass(hint, pulumi.Resource):
        return Kind("resource")
    return Kind("list" if issubclass(hint, list) else "map" if issubclass(hint, dict) else "any")


def _is_wrapper(hint: Any) -> bool:
    if hint is type(None) or isinstance(hint, typing.ForwardRef) or typing.is_typeddict(hint):
        return True
    origin = typing.get_origin(hint) or hint
    return origin is pulumi.Output or origin in (abc.Awaitable, abc.Coroutine)

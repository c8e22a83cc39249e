"""What is where in a question: resources by type, and who depends on whom (as in policies/rego/lib/subject.rego)."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

_VERSION = re.compile(r"/v\d[a-z0-9]*:")
_SECOND = re.compile(r"^(aws:.+)V2:(.+)V2$")


@cache
def kind(type_: str) -> str:
    """A type as rules name it: without the version of its module, and of two names of one thing the first."""
    return _SECOND.sub(r"\1:\2", _VERSION.sub(":", type_))


def index(resources: Mapping[str, Mapping[str, Any]], operations: Mapping[str, str]) -> dict[str, Any]:
    """{kinds: {type: kind}, by_type: {kind: urns that stay}, into: {urn: urns that depend on it}}."""
    by_type: dict[str, list[str]] = {}
    into: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    for urn, resource in resources.items():
        kinds[resource["type"]] = named = kind(resource["type"])
        if operations.get(urn) != "delete":
            by_type.setdefault(named, []).append(urn)
        for target in {target for urns in resource["edges"].values() for target in urns}:
            into.setdefault(target, []).append(urn)
    return {"kinds": kinds, "by_type": by_type, "into": into}

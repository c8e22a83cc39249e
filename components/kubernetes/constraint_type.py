"""The type of a constraint, exactly as Gatekeeper makes it of a template: it finds nothing to change in ours."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

Object = dict[str, Any]
GROUP = "constraints.gatekeeper.sh"
_FILE = Path(__file__).with_suffix(".json")


def constraint_type(template: Mapping[str, Any]) -> Object:
    """The `spec` of the CustomResourceDefinition of a template's constraints."""
    said: Object = template["spec"]["crd"]["spec"]
    kind: str = said["names"]["kind"]
    shape = _shape()
    spec: Object = shape["spec"]
    schema: Object = shape["schema"]
    schema["properties"]["spec"]["properties"]["parameters"] = said["validation"]["openAPIV3Schema"]
    names = {**spec["names"], "kind": kind, "listKind": f"{kind}List", "plural": kind.lower(), "singular": kind.lower()}
    versions = [{**version, "schema": {"openAPIV3Schema": schema}} for version in spec["versions"]]
    return {**spec, "names": names, "versions": versions}


def _shape() -> Object:
    return json.loads(_text())


@cache
def _text() -> str:
    return _FILE.read_text()

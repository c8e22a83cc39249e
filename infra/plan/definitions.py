"""Custom resources against their definitions: those that the same plan registers before them."""

from collections.abc import Mapping
from typing import Any, cast

from infra.plan.check import Problem
from infra.plan.schema import is_custom
from infra.plan.structural import Structure

TOKEN = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"  # noqa: S105  a resource type


class Definitions:
    """What a plan has defined so far, by API version and kind."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Structure] = {}

    def add(self, definition: Mapping[str, Any]) -> None:
        """Read a CustomResourceDefinition, as the gate's document has it; of what is not known yet nothing is kept."""
        spec = part(definition, "spec")
        kind, group = part(spec, "names").get("kind"), spec.get("group")
        versions = spec.get("versions")
        for version in cast("list[Mapping[str, Any]]", versions) if isinstance(versions, list) else ():
            schema = part(part(version, "schema"), "openAPIV3Schema")
            if isinstance(kind, str) and schema and version.get("served"):
                self._known[f"{group}/{version.get('name')}", kind] = Structure(dashed(schema))

    def of(self, inputs: Mapping[str, Any]) -> Structure | None:
        """The structure that an object must have; None when nothing in the plan defines it."""
        return self._known.get((str(inputs.get("apiVersion")), str(inputs.get("kind"))))

    def problems(self, token: str, inputs: Mapping[str, Any]) -> list[Problem]:
        """What is wrong with a custom resource by its definition; definitions themselves are read."""
        if token == TOKEN:
            self.add(inputs)
        found = self.of(inputs) if is_custom(token) else None
        return found.problems(inputs) if found else []


def dashed(value: Any) -> Any:
    """A definition with the names that the SDK writes as `x_kubernetes_…` as Kubernetes writes them."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {_dashes(name): dashed(item) for name, item in fields.items()}
    return [dashed(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def _dashes(name: str) -> str:
    return name.replace("_", "-") if name.startswith("x_kubernetes_") else name


def part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A map in an object; an empty one when it is not there."""
    value = found.get(name)
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}

"""A resource as a state has it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Resource:
    """What is needed of it to take it away."""

    urn: str
    type: str
    id: str
    custom: bool
    """Whether there is something to delete; components only hold others, providers only reach them."""
    is_component: bool
    protected: bool
    retained: bool
    """Whether the engine lets go of it instead of deleting it."""
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    parent: str
    provider: str
    needs: frozenset[str]
    """URNs that must be there as long as it is."""

    @property
    def name(self) -> str:
        """As the program calls it."""
        return self.urn.rsplit("::", 1)[-1]


def resources(found: Iterable[Mapping[str, Any]]) -> dict[str, Resource]:
    """The resources of a state by URN. What is there already only to be deleted, or only read, is left out."""
    listed = [item for item in found if not item.get("delete") and not item.get("external")]
    return {item["urn"]: _resource(item) for item in listed}


def _resource(item: Mapping[str, Any]) -> Resource:
    edges: Mapping[str, list[str]] = item.get("propertyDependencies") or {}
    named: list[str] = item.get("dependencies") or []
    parent, provider = str(item.get("parent") or ""), str(item.get("provider") or "").rpartition("::")[0]
    with_ = str(item.get("deletedWith") or "")
    every = {parent, provider, with_, *named, *(urn for urns in edges.values() for urn in urns)}
    return Resource(
        urn=item["urn"],
        type=item["type"],
        id=str(item.get("id") or ""),
        custom=bool(item.get("custom")) and not str(item["type"]).startswith("pulumi:"),
        is_component=not item.get("custom"),
        protected=bool(item.get("protect")),
        retained=bool(item.get("retainOnDelete")),
        inputs=item.get("inputs") or {},
        outputs=item.get("outputs") or {},
        parent=parent,
        provider=provider,
        needs=frozenset(every - {""}),
    )

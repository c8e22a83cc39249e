"""Erasure: of one person, the plan of all that has to go or be made anew, as tables, lineage and request logs tell."""

from collections.abc import Iterable, Mapping

from workloads.lib.consent.erase import ErasurePlan, plan
from workloads.lib.consent.impact import impact
from workloads.lib.data.table import Lake
from workloads.lib.lineage.query import Graph
from workloads.lib.object_store import ObjectStore
from workloads.lib.serve import assign, log


def erasure(store: ObjectStore, graph: Graph, subject: str) -> ErasurePlan:
    """The plan; nothing is changed. What was made from a table that has rows of the person may contain them."""
    lake, made = Lake(store), _made(graph)

    def models_of(table: str, snapshot: int) -> Iterable[str]:
        return (thing.id for thing in graph.downstream(*made.get(f"{table}@{snapshot}", ())).of_kind("model"))

    def endpoints_of(model: str) -> Iterable[str]:
        return (thing.name for thing in graph.downstream(model).of_kind("endpoint") if thing.current)

    return plan(lake, impact(lake, subject, models_of, endpoints_of), logs=_logs(store, subject))


def _made(graph: Graph) -> Mapping[str, list[str]]:
    """{`table@snapshot`: ids of the things that are it}."""
    found: dict[str, list[str]] = {}
    for thing in graph.things.values():
        if place := thing.facets.get("falaj_subjects", {}).get("place"):
            found.setdefault(place, []).append(thing.id)
    return found


def _logs(store: ObjectStore, subject: str) -> list[str]:
    """The request logs with requests of this person, who is there under a keyed hash."""
    names = {name.split("/")[1] for name in store.names("requests/")}
    if not names:
        return []
    whose = assign.pseudonym(assign.key(store), subject)
    found = {name: sum(one["subject"] == whose for one in log.read(store, name)) for name in sorted(names)}
    return [f"requests/{name}: {number}" for name, number in found.items() if number]

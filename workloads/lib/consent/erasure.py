"""Erasure: of one person, the plan of all that has to go or be made anew, as tables, lineage and request logs tell."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from infra.errors import FalajError
from workloads.lib.consent.erase import ErasurePlan, plan
from workloads.lib.consent.impact import impact
from workloads.lib.consent.ledger import Entry, Ledger
from workloads.lib.consent.select import granted
from workloads.lib.data.table import Lake
from workloads.lib.lineage.query import Graph, Thing
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry import Registry
from workloads.lib.serve import assign, log


def erasure(store: ObjectStore, graph: Graph, subject: str) -> ErasurePlan:
    """The plan; nothing is changed.

    A model that was made from a table with rows of the person may have seen them, unless its consent snapshot says that
    the person had not consented when it was trained.
    """
    lake, made = Lake(store), _made(graph)

    def models_of(table: str, snapshot: int) -> Iterable[str]:
        return (thing.id for thing in graph.downstream(*made.get(f"{table}@{snapshot}", ())).of_kind("model"))

    def endpoints_of(model: str) -> Iterable[str]:
        return (thing.name for thing in graph.downstream(model).of_kind("endpoint") if thing.current)

    found = impact(lake, subject, models_of, endpoints_of)
    registry, said = Registry(store), [one for one in Ledger(store).entries() if one.subject == subject]
    saw = {model: at for model, at in found.endpoints.items() if _saw(registry, graph.things[model], said)}
    return plan(lake, replace(found, endpoints=saw), logs=_logs(store, subject))


def _saw(registry: Registry, model: Thing, said: Iterable[Entry]) -> bool:
    """Whether a model may have seen the rows of a person who said that."""
    try:
        consent = registry.load(model.name, model.digest).facts["consent"]
        at, known = (datetime.fromisoformat(consent[name]) for name in ("at", "known"))
        return bool(granted(said, consent["purpose"], at, known))
    except (FalajError, KeyError):  # an entry that is gone or damaged, or names no snapshot, proves nothing
        return True


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

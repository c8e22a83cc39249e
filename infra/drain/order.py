"""Which resources of a state go, in which order, and which stay."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.drain.leak import Leak, leaks
from infra.drain.resource import Resource, resources
from infra.drain.stage import STAGES, Stage, stage_of


@dataclass(frozen=True)
class Wave:
    """Resources that go together, after those of the waves before."""

    stage: Stage
    members: tuple[Resource, ...]


@dataclass(frozen=True)
class Kept:
    """A resource that stays, and why."""

    resource: Resource
    reason: str


@dataclass(frozen=True)
class Order:
    """How a stack is taken away."""

    waves: tuple[Wave, ...]
    kept: tuple[Kept, ...]
    last: tuple[str, ...]
    """URNs of components and providers that go with the last wave: nothing is in them then."""
    leaks: tuple[Leak, ...]

    @property
    def going(self) -> tuple[Resource, ...]:
        """All that goes, in order."""
        return tuple(one for wave in self.waves for one in wave.members)


def order(found: Iterable[Mapping[str, Any]]) -> Order:
    """From the resources of a state.

    What is retained stays with all that it needs: a database that outlives its stack holds its subnets, and an engine
    that tried to delete them would hang. What needs something that goes early goes with it, never after it.
    """
    state = resources(found)
    kept = _kept(state)
    going = {urn: one for urn, one in state.items() if urn not in kept}
    return Order(
        waves=_waves({urn: one for urn, one in going.items() if one.custom}, _dependents(state)),
        kept=tuple(Kept(state[urn], reason) for urn, reason in kept.items() if state[urn].custom),
        last=tuple(urn for urn, one in going.items() if not one.custom and one.type != "pulumi:pulumi:Stack"),
        leaks=leaks({urn: one for urn, one in state.items() if urn not in kept or not one.custom}),
    )


def _kept(state: Mapping[str, Resource]) -> dict[str, str]:
    """Reasons by URN: what is retained, and what that needs, its components and providers among it."""
    found: dict[str, str] = {
        urn: "retained: it outlives its stack" for urn, one in state.items() if one.custom and one.retained
    }
    left = list(found)
    while left:
        by = state[left.pop()]
        inner = {urn for need in by.needs - {by.parent} for urn in _inside(need, state)}
        for need in sorted((by.needs | inner) & state.keys() - found.keys()):
            found[need] = f"needed by {by.name}"
            left.append(need)
    return found


def _waves(going: Mapping[str, Resource], dependents: Mapping[str, set[str]]) -> tuple[Wave, ...]:
    done: set[str] = set()
    found: list[Wave] = []
    stages = {urn: stage_of(one) for urn, one in going.items()}
    for stage in STAGES:
        wave = _with_dependents([urn for urn in going if stages[urn] is stage and urn not in done], dependents)
        members = [going[urn] for urn in going if urn in wave and urn not in done]
        if members:
            found.append(Wave(stage, tuple(_inside_out(members, dependents))))
            done.update(one.urn for one in members)
    return tuple(found)


def _with_dependents(urns: Iterable[str], dependents: Mapping[str, set[str]]) -> set[str]:
    found, left = set[str](), list(urns)
    while left:
        at = left.pop()
        if at not in found:
            found.add(at)
            left.extend(dependents.get(at, ()))
    return found


def _inside_out(members: list[Resource], dependents: Mapping[str, set[str]]) -> list[Resource]:
    """Those that need others before the ones they need; else the latest of the state first, as the engine does."""
    by_urn, found = {one.urn: one for one in members}, dict[str, Resource]()

    def visit(one: Resource) -> None:
        if one.urn not in found:
            for urn in sorted(dependents.get(one.urn, set()) & by_urn.keys()):
                visit(by_urn[urn])
            found[one.urn] = one

    for one in reversed(members):
        visit(one)
    return list(found.values())


def _dependents(state: Mapping[str, Resource]) -> dict[str, set[str]]:
    """Who needs a resource. Through a component too: to need it is to need all that is in it."""
    found: dict[str, set[str]] = {}
    for urn, one in state.items():
        for need in one.needs - {one.parent}:
            for inner in _inside(need, state):
                if inner != urn:
                    found.setdefault(inner, set()).add(urn)
        if one.parent in state and state[one.parent].custom:
            found.setdefault(one.parent, set()).add(urn)
    return found


def _inside(urn: str, state: Mapping[str, Resource]) -> set[str]:
    """A resource; of a component, what is in it."""
    if urn not in state or not state[urn].is_component:
        return {urn}
    return {item for child, one in state.items() if one.parent == urn for item in _inside(child, state)}

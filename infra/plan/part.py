"""The parts of a stack that a plan shows: its components, what each is made of, and which needs which."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.plan.change import Change

PROGRAM = "program"
"""What the program makes outside of any component."""


@dataclass(frozen=True)
class Part:
    """One component of the region, with all that is in it."""

    urn: str
    type: str
    members: tuple[Change, ...]
    needs: frozenset[str]
    """URNs of the parts that hold what its members need."""

    @property
    def name(self) -> str:
        """As the program calls it."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def kind(self) -> str:
        """The component's own word for itself: `Network`."""
        return self.type.rsplit(":", 1)[-1]

    @property
    def types(self) -> dict[str, int]:
        """How many of each resource type, in the order of their names."""
        return dict(sorted(Counter(short(member.type) for member in self.members).items()))


def parts(plan: Mapping[str, Change]) -> tuple[Part, ...]:
    """The parts in the order in which the program makes them; providers and what only holds others are none."""
    members = {urn: one for urn, one in plan.items() if not one.is_component and not one.type.startswith("pulumi:")}
    homes = {urn: _home(one, plan) for urn, one in members.items()}
    return tuple(
        Part(
            urn=home,
            type=plan[home].type if home in plan else PROGRAM,
            members=(mine := tuple(one for urn, one in members.items() if homes[urn] == home)),
            needs=frozenset(_homes(frozenset(need for one in mine for need in one.needs), homes, plan)) - {home},
        )
        for home in dict.fromkeys(homes.values())
    )


def short(token: str) -> str:
    """A resource type as its documentation calls it: `ec2.Subnet` of `aws:ec2/subnet:Subnet`."""
    package, module, name = [*token.split(":"), "", ""][:3]
    module = module if package == "kubernetes" else module.split("/")[0]
    return f"{module}.{name}" if package in ("aws", "kubernetes") else f"{package}:{module}.{name}"


def named(names: Sequence[str], most: int = 3) -> str:
    """Names as a few words: the first ones and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most + 1 else ""
    return ", ".join(names[:most] if more else names) + more


def _home(one: Change, plan: Mapping[str, Change]) -> str:
    """The outermost component that it is in, below the region, which holds them all."""
    around = [urn for urn in _ancestors(one.urn, plan) if plan[urn].is_component and not _is_stack(plan[urn])]
    return next((urn for urn in reversed(around) if not plan[urn].type.endswith(":Region")), (*around, PROGRAM)[0])


def _is_stack(one: Change) -> bool:
    return one.type.startswith("pulumi:")


def _homes(needs: frozenset[str], homes: Mapping[str, str], plan: Mapping[str, Change]) -> set[str]:
    """The parts of what is needed; to need a component is to need all that is in it."""
    inside = {need for need in needs if need in plan and plan[need].is_component}
    return {homes[need] for need in needs if need in homes} | {
        home for urn, home in homes.items() if inside and not inside.isdisjoint(_ancestors(urn, plan))
    }


def _ancestors(urn: str, plan: Mapping[str, Change]) -> list[str]:
    """From the nearest one outwards."""
    found: list[str] = []
    while (urn := plan[urn].parent) in plan:
        found.append(urn)
    return found

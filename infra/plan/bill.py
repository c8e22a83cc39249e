"""What a plan's resources cost a month once they are there, and the watts they draw; what is not known is listed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from infra.catalog.aws.energy import Energy
from infra.catalog.aws.region import regions
from infra.catalog.aws.services import HOURS
from infra.plan.change import Change
from infra.plan.price import Gap, Price, Span, price

NOTHING = Span(0, 0, 0)
NOTES = (
    "List prices on demand, USD, 730 hours a month, without tax and discounts; a pool's range is its smallest and "
    "largest size. Estimated: another region's list times the highest known factor of the region. "
    "Watts: at full load, without cooling; of the building: with it, by the region's PUE. "
    "CO2: of the country's grid, the mean of a year."
)


@dataclass(frozen=True)
class Item:
    """One resource that has a price."""

    change: Change
    price: Price


@dataclass(frozen=True)
class Unknown:
    """One resource that has a price nobody knows here."""

    change: Change
    reason: str


@dataclass(frozen=True)
class Line:
    """What is alike, together: the same type for the same reason at the same price."""

    names: tuple[str, ...]
    type: str
    usd: Span
    watts: Span | None
    basis: str
    listed: bool


@dataclass(frozen=True)
class Bill:
    """All of it, dearest first."""

    items: tuple[Item, ...]
    unknown: tuple[Unknown, ...]

    @property
    def usd(self) -> Span:
        """A month, of what has a known price."""
        return sum((item.price.usd for item in self.items), NOTHING)

    @property
    def watts(self) -> Span:
        """Of what has known ones: machines."""
        return sum((item.price.watts for item in self.items if item.price.watts), NOTHING)

    @property
    def facility(self) -> Span:
        """Watts of the buildings that the machines stand in."""
        return self._energy(Energy.facility)

    @property
    def carbon(self) -> Span:
        """Tonnes of CO2 equivalent a month."""
        return self._energy(Energy.carbon).through(lambda grams: grams * HOURS / 1e6)

    def _energy(self, of: Callable[[Energy, float], float]) -> Span:
        """Something of the machines' watts, by the energy of the region that each is in."""
        spans = [
            item.price.watts.through(partial(of, regions()[item.change.region].energy))
            for item in self.items
            if item.price.watts
        ]
        return sum(spans, NOTHING)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The items with those that are alike together, dearest first."""
        alike: dict[tuple[str, str, Span], list[Item]] = {}
        for item in self.items:
            alike.setdefault((item.change.type, item.price.basis, item.price.usd), []).append(item)
        lines = [_line(items) for items in alike.values()]
        return tuple(sorted(lines, key=lambda line: -line.usd.planned))

    @property
    def gaps(self) -> dict[tuple[str, str], list[str]]:
        """Names of what is unknown, by its type and the reason."""
        found: dict[tuple[str, str], list[str]] = {}
        for one in self.unknown:
            found.setdefault((one.change.type, one.reason), []).append(one.change.name)
        return found


def _line(items: list[Item]) -> Line:
    first, watts = items[0], [item.price.watts for item in items if item.price.watts]
    return Line(
        names=tuple(item.change.name for item in items),
        type=first.change.type,
        usd=sum((item.price.usd for item in items), NOTHING),
        watts=sum(watts, NOTHING) if watts else None,
        basis=first.price.basis,
        listed=first.price.listed,
    )


def bill(plan: Mapping[str, Change]) -> Bill:
    """The bill of everything that is there after the plan."""
    items: list[Item] = []
    unknown: list[Unknown] = []
    for one in plan.values():
        match price(one, plan) if one.operation != "delete" else None:
            case Price() as found:
                items.append(Item(one, found))
            case Gap(reason):
                unknown.append(Unknown(one, reason))
            case None:
                pass
    return Bill(tuple(sorted(items, key=lambda item: -item.price.usd.planned)), tuple(unknown))

"""The architecture of a plan as a drawing: a box for each component, to the right of what it needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from html import escape

from infra.plan.part import Part

_WIDTH, _GAP_X, _GAP_Y, _LINE, _HEAD, _MARGIN = 236, 84, 16, 16, 48, 12  # pixels
_MOST = 4  # lines of resource types in a box
_FITS = 31  # characters of a line
_TURNS = 4  # of sorting each column by what its boxes need

Edges = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class _Box:
    part: Part
    note: str
    operation: str
    x: float
    y: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def svg(parts: Sequence[Part], notes: Mapping[str, str], operations: Mapping[str, str]) -> str:
    """The drawing, with a note and an operation (a class of the page's style) for each part by its URN.

    An edge that others lead to as well is left out: whoever needs a cluster needs the cluster's network.
    """
    needs = _forwards({part.urn: part.needs for part in parts})
    shown = _reduced(needs)
    boxes = _placed(parts, notes, operations, needs, shown)
    width = max((box.x + _WIDTH for box in boxes.values()), default=0) + _MARGIN
    height = max((box.y + box.height for box in boxes.values()), default=0) + _MARGIN
    numbers = {urn: index for index, urn in enumerate(boxes)}
    lines = [
        _edge(boxes[need], boxes[urn], numbers[need], numbers[urn])
        for urn in boxes
        for need in sorted(shown[urn], key=numbers.__getitem__)
    ]
    drawn = "".join([*lines, *(_drawn(box, numbers[urn]) for urn, box in boxes.items())])
    return (
        f"<style>{''.join(map(_hover, numbers.values()))}</style>"
        f'<svg class="graph" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'role="img" aria-label="Components and what they need">{drawn}</svg>'
    )


def _forwards(needs: Edges) -> dict[str, frozenset[str]]:
    """The edges without those that close a circle."""
    made: dict[str, set[str]] = {urn: set() for urn in needs}
    for urn, wanted in needs.items():
        for need in sorted(wanted & needs.keys()):
            if urn != need and urn not in _reached(need, made):
                made[urn].add(need)
    return {urn: frozenset(wanted) for urn, wanted in made.items()}


def _reached(urn: str, needs: Mapping[str, Iterable[str]]) -> set[str]:
    """All that a part needs, near and far, and itself."""
    found, left = set[str](), [urn]
    while left:
        at = left.pop()
        if at not in found:
            found.add(at)
            left.extend(needs[at])
    return found


def _reduced(needs: Edges) -> dict[str, frozenset[str]]:
    return {
        urn: frozenset(
            need for need in wanted if not any(need in _reached(other, needs) for other in wanted if other != need)
        )
        for urn, wanted in needs.items()
    }


def _columns(needs: Edges) -> list[list[str]]:
    """Parts by how many steps they are from those that need nothing."""
    ranks: dict[str, int] = {}

    def rank(urn: str) -> int:
        if urn not in ranks:
            ranks[urn] = 1 + max((rank(need) for need in needs[urn]), default=-1)
        return ranks[urn]

    deepest = max(map(rank, needs), default=-1)
    return [[urn for urn in needs if ranks[urn] == column] for column in range(deepest + 1)]


def _placed(
    parts: Sequence[Part],
    notes: Mapping[str, str],
    operations: Mapping[str, str],
    needs: Edges,
    shown: Edges,
) -> dict[str, _Box]:
    by_urn = {part.urn: part for part in parts}
    heights = {urn: _HEAD + _LINE * min(len(part.types), _MOST + 1) + 8 for urn, part in by_urn.items()}
    columns = _sorted(_columns(needs), shown)
    tall = [sum(heights[urn] + _GAP_Y for urn in column) for column in columns]
    found: dict[str, _Box] = {}
    for index, column in enumerate(columns):
        y = _MARGIN + (max(tall) - tall[index]) / 2
        for urn in column:
            x = _MARGIN + index * (_WIDTH + _GAP_X)
            found[urn] = _Box(by_urn[urn], notes.get(urn, ""), operations.get(urn, ""), x, y, heights[urn])
            y += heights[urn] + _GAP_Y
    return found


def _sorted(columns: list[list[str]], shown: Edges) -> list[list[str]]:
    """Each column in the order of the middle of what its parts need, and of what needs them: fewer lines cross."""

    def turn(now: list[list[str]], _: int) -> list[list[str]]:
        places = {urn: (index + 0.5) / len(column) for column in now for index, urn in enumerate(column)}
        near = {urn: [*shown[urn], *(other for other in shown if urn in shown[other])] for urn in shown}
        middle = {urn: sum(places[one] for one in near[urn]) / len(near[urn]) if near[urn] else 0.5 for urn in near}
        return [sorted(column, key=lambda urn: (middle[urn], urn)) for column in now]

    return reduce(turn, range(_TURNS), columns)


def _edge(start: _Box, end: _Box, need: int, by: int) -> str:
    x1, y1, x2, y2 = start.x + _WIDTH, start.middle, end.x, end.middle
    bend = (x2 - x1) / 2
    path = f"M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    said = f"{end.part.name} needs {start.part.name}"
    return f'<path class="edge e{need} e{by}" d="{path}"><title>{escape(said)}</title></path>'


def _drawn(box: _Box, number: int) -> str:
    types = [f"{name} x{count}" if count > 1 else name for name, count in box.part.types.items()]
    listed = [*types[:_MOST], f"and {len(types) - _MOST} more types"] if len(types) > _MOST + 1 else types
    lines = "".join(
        f'<text class="small" x="12" y="{_HEAD + 10 + index * _LINE}">{escape(_cut(line))}</text>'
        for index, line in enumerate(listed)
    )
    return (
        f'<g class="box b{number} {box.operation}" transform="translate({box.x:.0f} {box.y:.0f})" tabindex="0">'
        f"<title>{escape(', '.join(types))}</title>"
        f'<rect width="{_WIDTH}" height="{box.height}" rx="9"/>'
        f'<rect class="bar" width="4" height="{box.height - 18}" y="9"/>'
        f'<text class="kind" x="12" y="22">{escape(_cut(box.part.kind, 26))}</text>'
        f'<text class="note" x="{_WIDTH - 12}" y="22">{escape(box.note)}</text>'
        f'<text class="dim small" x="12" y="39">{escape(_cut(box.part.name))}</text>{lines}</g>'
    )


def _hover(number: int) -> str:
    """Looking at a box dims what does not touch it; without a script, so that the page may forbid them."""
    return f".graph:has(.b{number}:is(:hover,:focus)) .edge:not(.e{number}){{opacity:.08}}"


def _cut(line: str, most: int = _FITS) -> str:
    return line if len(line) <= most else f"{line[: most - 1]}…"

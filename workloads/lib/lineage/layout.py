"""Where the boxes of a lineage graph stand: to the right of whatever they come from, in rows that cross little."""

from collections.abc import Mapping, Sequence
from statistics import fmean

TURNS = 6
"""How often columns are sorted by where their neighbours stand."""


def columns(edges: Sequence[tuple[str, str]], nodes: Sequence[str]) -> list[list[str]]:
    """The nodes in columns, each after all those that lead to it; an edge that closes a circle counts for nothing."""
    before: dict[str, list[str]] = {node: [] for node in nodes}
    for start, end in edges:
        before[end].append(start)
    depth: dict[str, int] = {}
    for node in nodes:
        _depth(node, before, depth)
    found: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in nodes:
        found[depth[node]].append(node)
    _untangle(found, edges)
    return found


def _depth(node: str, before: Mapping[str, Sequence[str]], depth: dict[str, int]) -> None:
    """Longest way to the node; without recursion, since a line of runs may be long."""
    stack, open_ = [node], set[str]()
    while stack:
        at = stack[-1]
        waiting = [one for one in before[at] if one not in depth and one not in open_] if at not in depth else []
        if waiting:
            open_.add(at)
            stack += waiting
        else:
            depth.setdefault(at, 1 + max((depth[one] for one in before[at] if one in depth), default=-1))
            stack.pop()


def _untangle(found: list[list[str]], edges: Sequence[tuple[str, str]]) -> None:
    near: dict[str, list[str]] = {}
    for start, end in edges:
        near.setdefault(start, []).append(end)
        near.setdefault(end, []).append(start)
    for turn in range(TURNS):
        rows = {node: row - len(column) / 2 for column in found for row, node in enumerate(column)}
        for column in found if turn % 2 else reversed(found):
            column.sort(key=lambda node: fmean([rows[one] for one in near.get(node, [node])]))
            rows |= {node: row - len(column) / 2 for row, node in enumerate(column)}

"""Where the boxes of a lineage graph stand: below whatever they come from, in rows whose lines cross little."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import fmean

TURNS = 6
"""How often rows are sorted by where their neighbours stand."""

Edge = tuple[str, str]


def rows(edges: Sequence[Edge], nodes: Sequence[str]) -> tuple[list[list[str]], dict[Edge, list[str]]]:
    """(the nodes in rows, each below all that lead to it; for each edge the way it takes).

    A line that passes a row gets a place of its own there, so that it runs behind no box: its name is no node's. An
    edge that closes a circle counts for nothing.
    """
    before: dict[str, list[str]] = {node: [] for node in nodes}
    for start, end in edges:
        before[end].append(start)
    depth: dict[str, int] = {}
    for node in nodes:
        _depth(node, before, depth)
    found: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in nodes:
        found[depth[node]].append(node)
    ways: dict[Edge, list[str]] = {}
    for start, end in dict.fromkeys(edges):
        passed = {f"{start}\n{end}\n{row}": row for row in range(depth[start] + 1, depth[end])}
        for name, row in passed.items():
            found[row].append(name)
        ways[start, end] = [start, *passed, end]
    _untangle(found, [step for way in ways.values() for step in pairwise(way)])
    return found, ways


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


def _untangle(found: list[list[str]], edges: Sequence[Edge]) -> None:
    near: dict[str, list[str]] = {}
    for start, end in edges:
        near.setdefault(start, []).append(end)
        near.setdefault(end, []).append(start)
    for turn in range(TURNS):
        place = {node: at - len(row) / 2 for row in found for at, node in enumerate(row)}
        for row in found if turn % 2 else reversed(found):
            row.sort(key=lambda node: fmean([place[one] for one in near.get(node, [node])]))
            place |= {node: at - len(row) / 2 for at, node in enumerate(row)}

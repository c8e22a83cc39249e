"""Aliases: names that point at one entry, moved with who, why and, where it matters, a decision of the gate."""

import re
from pathlib import Path

from infra.errors import FalajError
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry.allowed import require_allowed
from workloads.lib.registry.log import Log, Record, Writer, pointed
from workloads.lib.registry.who import Who

PRODUCTION = "production"
GATED = frozenset({PRODUCTION})
"""Aliases that move by a decision of the release gate only."""
ALIAS = re.compile(r"[a-z][a-z0-9-]{0,39}")
PREVIOUS = "previous"


def current(store: ObjectStore, name: str, alias: str) -> str | None:
    """Digest that the alias points at."""
    return pointed(Log(store, name).records()).get(alias)


def move(
    store: ObjectStore,
    name: str,
    alias: str,
    model: str,
    *,
    why: str,
    who: Who | None = None,
    decision: str = "",
    decisions: Path | None = None,
    expected: str | None = None,
) -> Record | None:
    """Let `alias` point at `model`, an entry that verifies; None when it does already.

    decisions: the gate's decision log, in which `decision` must be an allow of this very model when the alias is gated
    (REG-004). expected: the digest it pointed at when this was decided (empty: at none); REG-005 when somebody else has
    moved it since.
    """
    checked_alias(name, alias)
    with Log(store, name).writing() as log:
        there = pointed(log.past).get(alias)
        if expected is not None and (there or "") != expected:
            problem = f"{alias} points at {there or 'nothing'}, not at {expected or 'nothing'} any more"
            raise FalajError("REG-005", f"model {name}", problem)
        if there == model:
            return None
        if alias in GATED:
            require_allowed(decisions, decision, name, model)
        return log.add("move", model, pointer=alias, why=why, who=who, decision=decision)


def rollback(
    store: ObjectStore,
    name: str,
    alias: str,
    to: str = PREVIOUS,
    *,
    why: str,
    who: Who | None = None,
    decision: str = "",
    decisions: Path | None = None,
) -> Record:
    """Let `alias` point again at what it pointed at before: `previous`, or one of its earlier digests (else REG-006).

    A gated alias goes back on the decision that allowed that model then, when no other is given.
    """
    checked_alias(name, alias)
    with Log(store, name).writing() as log:
        target = _target(log, name, alias, to)
        if alias in GATED:
            stood = [r.decision for r in log.past if (r.pointer, r.model) == (alias, target.model) and r.decision]
            decision = decision or (stood[-1] if stood else "")
            require_allowed(decisions, decision, name, str(target.model))
        return log.add("rollback", target.model, pointer=alias, why=why, who=who, decision=decision)


def checked_alias(name: str, alias: str) -> None:
    """REG-001 unless it is a name for an alias."""
    if not ALIAS.fullmatch(alias) or alias == PREVIOUS:
        raise FalajError("REG-001", f"model {name}", f"{alias[:60]!r} is no name for an alias")


def _target(log: Writer, name: str, alias: str, to: str) -> Record:
    """The newest record that let the alias point at the digest wanted, which is not the one it points at now.

    `previous` undoes the last move that was no rollback: asked twice, it goes one further back, not to and fro.
    """
    line: list[Record] = []
    for record in log.past:
        if record.pointer != alias:
            continue
        if record.kind == "rollback" and (kept := _up_to(line, record.model)):
            line = kept
        else:
            line.append(record)
    now = pointed(log.past).get(alias)
    if to == PREVIOUS:
        earlier = line[-2:-1]
    else:
        earlier = [record for record in log.past if record.pointer == alias and record.model == to != now][-1:]
    if not earlier:
        known = dict.fromkeys(str(r.model) for r in log.past if r.pointer == alias and r.model != now)
        problem = f"{alias} points at {now or 'nothing'} and never pointed at {to[:80]} before"
        raise FalajError("REG-006", f"model {name}", problem, f"Name one of: {', '.join(known)}." if known else "")
    return earlier[0]


def _up_to(line: list[Record], model: str | None) -> list[Record]:
    places = [place for place, record in enumerate(line, start=1) if record.model == model]
    return line[: places[-1]] if places else []

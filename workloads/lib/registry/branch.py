"""Branches: an experiment's own line of entries, `exp/<name>`, which no alias sees until one is moved to it."""

import re
from pathlib import Path

from infra.errors import FalajError
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry import alias as aliases
from workloads.lib.registry.log import Log, Record, pointed
from workloads.lib.registry.who import Who

BRANCH = re.compile(r"exp/[a-z][a-z0-9-]{0,39}")


def create(store: ObjectStore, name: str, branch: str, model: str, *, why: str, who: Who | None = None) -> Record:
    """Open a branch that starts at an entry. REG-007 when it is open, or no name for one."""
    if not BRANCH.fullmatch(branch):
        raise FalajError("REG-007", f"model {name}", f"{branch[:60]!r} is not exp/ and lower-case letters, digits, -")
    with Log(store, name).writing() as log:
        if there := pointed(log.past).get(branch):
            raise FalajError("REG-007", f"model {name}", f"{branch} is open, at {there}")
        return log.add("branch", model, pointer=branch, why=why, who=who)


def advance(
    store: ObjectStore, name: str, branch: str, model: str, *, why: str, who: Who | None = None
) -> Record | None:
    """Add an entry at the head of a branch; None when it is the head. REG-007 when the branch is not open."""
    with Log(store, name).writing() as log:
        if _head(log.past, name, branch) == model:
            return None
        return log.add("move", model, pointer=branch, why=why, who=who)


def close(store: ObjectStore, name: str, branch: str, *, why: str, who: Who | None = None) -> Record:
    """End a branch: its entries are kept no longer for its sake. REG-007 when it is not open."""
    with Log(store, name).writing() as log:
        _head(log.past, name, branch)
        return log.add("close", None, pointer=branch, why=why, who=who)


def merge(
    store: ObjectStore,
    name: str,
    branch: str,
    alias: str,
    *,
    why: str,
    who: Who | None = None,
    decision: str = "",
    decisions: Path | None = None,
) -> Record | None:
    """Move an alias to the branch's head, as `alias.move` does, through the gate where that asks for it."""
    head = _head(Log(store, name).records(), name, branch)
    return aliases.move(store, name, alias, head, why=why, who=who, decision=decision, decisions=decisions)


def line(records: list[Record], branch: str) -> list[str]:
    """The entries of a branch since it was last opened, oldest first."""
    models: list[str] = []
    for record in records:
        if record.pointer == branch:
            models = [record.model] if record.kind == "branch" and record.model else models
            models += [record.model] if record.kind == "move" and record.model else []
    return models


def _head(records: list[Record], name: str, branch: str) -> str:
    if not (head := pointed(records).get(branch)) or not BRANCH.fullmatch(branch):
        raise FalajError("REG-007", f"model {name}", f"branch {branch[:60]!r} is not open")
    return head

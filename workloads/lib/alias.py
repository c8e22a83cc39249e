"""Which model an alias points at, and every move it ever made: a hash chain of write-once sealed objects.

An edited or exchanged entry fails its seal, a missing or reordered one breaks the chain, and two movers at once cannot
both write the same place.
"""

import json
from datetime import UTC, datetime
from typing import Any

from infra.errors import FalajError
from workloads.lib.fingerprint import canonical
from workloads.lib.object_store import ObjectStore, digest

START = "sha256:" + "0" * 64


def history(store: ObjectStore, name: str) -> list[dict[str, Any]]:
    """The alias moves of model `name`, oldest first. WRK-011 when the chain is broken."""
    moves: list[dict[str, Any]] = []
    previous = START
    for place, found in enumerate(store.names(f"alias/{name}/"), start=1):
        data = store.get(found)
        move = json.loads(data)
        if found != _object(name, place) or move["previous"] != previous:
            problem = f"move {place} is {found} and follows {move['previous']}, the one before it is {previous}"
            raise FalajError("WRK-011", f"alias log of {name}", problem)
        moves.append(move)
        previous = digest(data)
    return moves


def move(store: ObjectStore, name: str, alias: str, model: str, decision: str) -> bool:
    """Let `alias` point at `model`, by a gate decision. False when it does already."""
    moves = history(store, name)
    current = next((entry["model"] for entry in reversed(moves) if entry["alias"] == alias), None)
    if current == model:
        return False
    entry = {
        "alias": alias,
        "model": model,
        "decision": decision,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "previous": digest(canonical(moves[-1])) if moves else START,
    }
    store.put_if_absent(_object(name, len(moves) + 1), canonical(entry))
    return True


def _object(name: str, place: int) -> str:
    return f"alias/{name}/{place:08d}"

"""Holds: what must not be collected, for a court, an auditor or a bundle that went out, until it is released."""

from collections.abc import Iterable

from infra.errors import FalajError
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry.log import Log, Record
from workloads.lib.registry.who import Who


def hold(store: ObjectStore, name: str, model: str, *, why: str, who: Who | None = None) -> Record:
    """Keep an entry, whatever points at it. Holds add up: each needs its own release."""
    with Log(store, name).writing() as log:
        return log.add("hold", model, why=why, who=who)


def release(store: ObjectStore, name: str, model: str, *, why: str, who: Who | None = None) -> Record:
    """Take one hold away, the oldest. REG-008 when there is none."""
    with Log(store, name).writing() as log:
        if not held(log.past).get(model):
            raise FalajError("REG-008", f"model {name}", f"nobody holds {model[:80]}")
        return log.add("release", model, why=why, who=who)


def held(records: Iterable[Record]) -> dict[str, list[str]]:
    """The reasons for which entries are held, by digest."""
    found: dict[str, list[str]] = {}
    for record in records:
        if record.kind == "hold":
            found.setdefault(str(record.model), []).append(record.why)
        elif record.kind == "release":
            del found[str(record.model)][0]
    return {model: reasons for model, reasons in found.items() if reasons}

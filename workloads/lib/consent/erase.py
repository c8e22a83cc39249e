"""Erase: a plan of all that has to go or be made anew for a person, and its execution on the lake."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from workloads.lib.consent.impact import Impact
from workloads.lib.data.table import Lake, of_subject

BY_HAND = (
    "backups of the store: they keep what is erased here until they are overwritten",
    "sealed examples of runs (`runs/…/examples`, `train`): they stay until the models made of them are collected",
    "what was exported to others: they have to be told (GDPR art. 19)",
)


@dataclass(frozen=True)
class ErasurePlan:
    """What has to be done for one subject, in this order.

    tables: {table: its rows to delete, in `main`}. snapshots: {table: snapshots to expire, every one with such a row}.
    retrain: models that saw the person and are served; withdraw: those that are not. keys: of the online store, to
    delete. logs: of requests, to purge of the subject. by_hand: what no code here reaches.
    """

    subject: str
    tables: Mapping[str, int]
    snapshots: Mapping[str, tuple[int, ...]]
    retrain: tuple[str, ...]
    withdraw: tuple[str, ...]
    keys: tuple[str, ...]
    logs: tuple[str, ...]
    by_hand: tuple[str, ...] = BY_HAND

    def as_dict(self) -> dict[str, Any]:
        """As JSON; snapshots as text (63 bits)."""
        return asdict(self) | {"snapshots": {table: [str(at) for at in ats] for table, ats in self.snapshots.items()}}


def plan(lake: Lake, impact: Impact, keys: Iterable[str] = (), logs: Iterable[str] = ()) -> ErasurePlan:
    """The plan; nothing is changed. keys, logs: of the online store and of the request logs, from who keeps them."""
    mains = {table: lake.names(table).get("main") for table in impact.rows}
    return ErasurePlan(
        impact.subject,
        {table: found.get(mains[table] or 0, 0) for table, found in impact.rows.items()},
        {table: tuple(found) for table, found in impact.rows.items()},
        retrain=tuple(model for model in impact.models if impact.endpoints[model]),
        withdraw=tuple(model for model in impact.models if not impact.endpoints[model]),
        keys=tuple(keys),
        logs=tuple(logs),
    )


def execute(lake: Lake, plan: ErasurePlan) -> dict[str, list[str]]:
    """Delete the rows from every branch, move tags to the state without them, expire what had them.

    {table: the objects that were deleted}: their data keys were in them, so their bytes cannot be read any more. A tag
    or branch stays, on a new snapshot without the rows; every snapshot that no name points at goes. Run again after a
    kill: it does what is left.
    """
    return {table: _erase(lake, table, plan.subject) for table in plan.snapshots}


def _erase(lake: Lake, table: str, subject: str) -> list[str]:
    where = of_subject(lake.schema(table), subject)
    if where is None:
        return []
    for name in lake.names(table):
        if lake.read(table, name, where=where).num_rows:
            lake.delete_in(table, name, where)
    return lake.expire(table, tuple(lake.names(table)))

"""Call people: what was decided about an alarm opens an incident."""

from workloads.lib.incident.incident import open_
from workloads.lib.monitor import react
from workloads.lib.monitor.alarm import Alarm
from workloads.lib.monitor.react import Reaction
from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import Platform


def call(
    platform: Platform, store: ObjectStore, name: str, alarm: Alarm, made: Reaction, *, personal: bool, reactions: str
) -> str:
    """The incident's id. When people are all that was asked for, the reaction's outcome is on record in `reactions`."""
    opened = open_(platform, name, alarm=alarm, model=alarm.model, personal=personal, why=made.why)
    if made.action == "incident":
        react.done(store, reactions, made, opened.id)
    return opened.id

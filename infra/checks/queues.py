"""Queues against the pools that they claim machines of, and what waits in them against what they may get."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from infra.catalog.room import Room
from infra.checks.kubernetes import head_pool
from infra.checks.machines import room
from infra.errors import FalajError
from infra.settings import ClusterStack
from infra.settings.ray import RayJob, RayRuntime

SPACE = "ray"
"""The namespace that the stack's own runtimes, services and jobs are in."""
_SUBMITTER = Room(0.5, 1, 0)


@dataclass
class Sum:
    """What pods claim of a pool together."""

    cpu: float = 0
    gib: float = 0
    gpus: int = 0

    def add(self, one: Room, many: int = 1) -> None:
        """So many more pods."""
        self.cpu, self.gib, self.gpus = (
            self.cpu + many * one.cpu,
            self.gib + many * one.gib,
            self.gpus + many * one.gpus,
        )

    def __str__(self) -> str:
        return f"{self.cpu:.1f} processors, {self.gib:.0f} GiB and {self.gpus} GPUs"


def require_queues(settings: ClusterStack, place: str) -> None:
    """CFG-029 for the first queue, or the first of what waits in one, that waits for ever."""
    given = _given(settings, place)
    for name, one in settings.ray.every().items():
        if one.queue is not None:
            _require_admitted(f"falaj:ray.{name}", one, one.queue, given, settings, place)


def _given(settings: ClusterStack, place: str) -> Mapping[str, int]:
    """Machines of each pool that all queues have together: one that borrows may get as many."""
    given: dict[str, int] = defaultdict(int)
    for name, queue in settings.queues.items():
        for pool, machines in queue.machines.items():
            if pool not in settings.pools or settings.pools[pool].kind == "system":
                problem = f"`falaj:queues.{name}.machines` has {pool}, which is no pool for work"
                raise FalajError("CFG-029", place, problem)
            given[pool] += machines
    for pool, machines in given.items():
        if machines > settings.pools[pool].max:
            problem = f"`falaj:queues` have {machines} machines of pool {pool}, whose max is {settings.pools[pool].max}"
            raise FalajError("CFG-029", place, problem, "Give the queues fewer, or the pool more.")
    return given


def _require_admitted(
    key: str, one: RayRuntime, name: str, given: Mapping[str, int], settings: ClusterStack, place: str
) -> None:
    queue = settings.queues.get(name)
    if queue is None or SPACE not in queue.namespaces:
        there = [other for other, of in settings.queues.items() if SPACE in of.namespaces]
        problem = f"`{key}.queue` is {name}, which is no queue of namespace {SPACE}"
        raise FalajError("CFG-029", place, problem, f"Write one of: {', '.join(there) or 'none yet'}.")
    for pool, claimed in _claimed(one, settings).items():
        if pool not in queue.machines:
            problem = f"`{key}` claims of pool {pool}, of which `falaj:queues.{name}.machines` has none"
            raise FalajError("CFG-029", place, problem, f"Add `{pool}: 0` there at least, to borrow.")
        machines = given[pool] if queue.borrows else queue.machines[pool]
        had = Sum()
        had.add(room(settings.pools[pool]), machines)
        if claimed.cpu > had.cpu or claimed.gib > had.gib or claimed.gpus > had.gpus:
            problem = (
                f"`{key}` claims {claimed} of pool {pool}, and queue {name} gets {had} at most (machines: {machines})"
            )
            raise FalajError("CFG-029", place, problem)


def _claimed(one: RayRuntime, settings: ClusterStack) -> dict[str, Sum]:
    """By pool: all workers that there can be, the head, and who hands in a job."""
    found: dict[str, Sum] = defaultdict(Sum)
    head = found[head_pool(settings, one.head)]
    head.add(Room(one.head.cpu, one.head.memory_gib, 0))
    if isinstance(one, RayJob):
        head.add(_SUBMITTER)
    for group in one.groups.values():
        found[group.pool].add(Room(group.cpu, group.memory_gib, group.gpus), group.max)
    return found

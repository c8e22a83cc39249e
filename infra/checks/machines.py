"""A pool's machines, for what runs on them: the catalogue knows those of a cloud, the stack file tells of others."""

from dataclasses import dataclass

from infra.catalog.aws.instance import Instance, instances
from infra.catalog.aws.room import allocatable, parts
from infra.catalog.room import Room
from infra.settings.given import GivenPool
from infra.settings.pool import Pool

AnyPool = Pool | GivenPool


@dataclass(frozen=True)
class Machine:
    """One of a pool's kinds."""

    name: str
    """As an error calls it."""
    allocatable: Room
    """What the kubelet tells the scheduler."""
    parts: int
    """How many of what is claimed a whole GPU is, where it is divided."""

    @property
    def room(self) -> Room:
        """What is left when each node's daemons run."""
        return self.allocatable.left()


def machines(pool: AnyPool) -> list[Machine]:
    """The kinds that a pool's machines may be of, the preferred first."""
    if isinstance(pool, GivenPool):
        room = Room(pool.cpu, pool.memory_gib, pool.gpus)
        return [Machine("each node", room, pool.share if pool.mig else 1)]
    return [_sold(pool, instances()[name]) for name in pool.instance_types]


def room(pool: AnyPool) -> Room:
    """What is left on a machine of the preferred kind."""
    return machines(pool)[0].room


def _sold(pool: Pool, one: Instance) -> Machine:
    divided = parts(one.gpu, pool.mig) if one.gpu and pool.mig else 1
    return Machine(one.type, allocatable(one, pool.mig, pool.time_slices), divided)

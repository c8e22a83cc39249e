"""What pods can claim of a machine, whoever's it is."""

from dataclasses import dataclass

PODS = 110
"""Most pods of a machine."""
_DAEMONS_CPU, _DAEMONS_GIB = 0.5, 1.0
"""Network, storage, identity and metrics: a guess that leaves some over."""


@dataclass(frozen=True)
class Room:
    """Of one machine."""

    cpu: float
    gib: float
    gpus: int
    """Whole ones, or parts where they are divided, or shares where they are used in turn."""

    def left(self) -> "Room":
        """What is left of it when each node's daemons run."""
        return Room(self.cpu - _DAEMONS_CPU, self.gib - _DAEMONS_GIB, self.gpus)

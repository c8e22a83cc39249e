"""One line of `falaj doctor`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """What was looked at and what was found. `fix` is empty when `ok`."""

    name: str
    wanted: str
    found: str
    ok: bool
    fix: str = ""
    asked: bool = True
    """Whether there was an answer; without one it is neither well nor not."""

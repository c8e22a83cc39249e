"""Whether a figure is worse than the profile's: by more than chance explains, and by enough to matter."""

from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

from workloads.lib.monitor.profile import Profile
from workloads.lib.release.interval import Interval, Z, rounded
from workloads.lib.release.quality import GREATER_IS_BETTER

ALPHA = 0.01
FLOOR = 0.05
"""How much of its loss it may lose more: an accuracy of 0.80 may fall to 0.79, an MAE of 20 rise to 21."""


@dataclass(frozen=True)
class Verdict:
    """A figure of a window with its 95 % interval, the profile's, and whether it is worse."""

    metric: str
    rows: int
    value: float
    low: float
    high: float
    reference: float
    worse: bool

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return rounded(asdict(self))


def verdict(
    profile: Profile, metric: str, rows: int, found: Interval, *, alpha: float = ALPHA, floor: float = FLOOR
) -> Verdict:
    """`found` against the profile's figure. MON-004 when the task has no such metric.

    Its loss is the error, or what a share lacks to 1. It is worse when the loss rose by more than `floor` of itself,
    and so far that chance does it with probability `alpha` at most (one-sided, both intervals counted).
    """
    reference = profile.figure(metric)
    greater = metric in GREATER_IS_BETTER
    risen = reference.value - found.value if greater else found.value - reference.value
    loss = 1 - reference.value if greater else reference.value
    deviation = ((found.high - found.low) ** 2 + (reference.high - reference.low) ** 2) ** 0.5 / (2 * Z)
    worse = risen > floor * loss and risen > NormalDist().inv_cdf(1 - alpha) * deviation
    return Verdict(metric, rows, found.value, found.low, found.high, reference.value, worse)

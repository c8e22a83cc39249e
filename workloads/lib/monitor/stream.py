# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
"""A stream of numbers in order (errors, scores, delays): where its mean changed, without windows of a fixed length."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DELTA = 0.002


@dataclass(frozen=True)
class Change:
    """Seen at this place of the stream (from 0): it began at `since`; the means before it, and since."""

    place: int
    since: int
    before: float
    after: float


def changes(values: NDArray[np.float64], delta: float = DELTA) -> list[Change]:
    """Where ADWIN (Bifet and Gavaldà 2007) finds that the mean of what came last is another than that of the past.

    delta bounds how likely a false change is at each look (every 32 values). Values are finite.
    """
    from river.drift import ADWIN

    adwin, start = ADWIN(delta=delta), 0
    found: list[Change] = []
    for place, value in enumerate(values.tolist()):
        adwin.update(value)
        if adwin.drift_detected:
            since = start + _parted(values[start : place + 1])
            means = (float(part.mean()) for part in (values[start:since], values[since : place + 1]))
            found.append(Change(place, since, *means))
            start = place + 1  # it begins anew
    return found


def _parted(values: NDArray[np.float64]) -> int:
    """The place that parts the values into two whose means are the furthest apart, for their lengths (Hawkins 1977)."""
    n, k = len(values), np.arange(1, len(values))
    off = np.abs(np.cumsum(values - values.mean())[:-1]) / np.sqrt(k * (n - k))
    return 1 + int(off.argmax())

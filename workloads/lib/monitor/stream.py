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
    """Where ADWIN (Bifet and Gavaldà 2007) drops the past, as its mean is another than that of what came since.

    delta bounds how likely a false change is at each look (every 32 values). Values are finite.
    """
    from river.drift import ADWIN

    adwin, start = ADWIN(delta=delta), 0
    found: list[Change] = []
    for place, value in enumerate(values.tolist()):
        adwin.update(value)
        if adwin.drift_detected:
            since = place + 1 - int(adwin.width)
            found.append(
                Change(place, since, float(values[start:since].mean()), float(values[since : place + 1].mean()))
            )
            start = place + 1  # it begins anew
    return found

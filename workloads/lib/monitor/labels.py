"""Labels that arrive late: joined to what was said, by id, as far as they had come at an instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from infra.errors import FalajError


@dataclass(frozen=True)
class Said:
    """One answer: the request or row it was given to, the score, and when."""

    id: str
    score: float
    at: datetime


@dataclass(frozen=True)
class Label:
    """What was true of one id, and when it became known."""

    value: float
    at: datetime


@dataclass(frozen=True)
class Labelled:
    """Answers whose outcome is known."""

    truth: NDArray[np.float64]
    scores: NDArray[np.float64]
    waiting: int
    """Answers without a label yet."""
    unknown: int
    """Labels of ids that nobody asked about."""
    delay: timedelta | None
    """Median from answer to label."""
    oldest: timedelta | None
    """For how long the longest has been waiting."""

    @property
    def share(self) -> float:
        """Share of the answers that have a label; 1 of none."""
        return len(self.truth) / total if (total := len(self.truth) + self.waiting) else 1.0


def labelled(said: Sequence[Said], labels: Mapping[str, Label], until: datetime) -> Labelled:
    """What is known at `until`: later labels and later answers do not count. MON-004 for instants without a time zone.

    An id that was answered twice counts twice.
    """
    if until.tzinfo is None:
        raise FalajError("MON-004", "labels", f"{until.isoformat()} has no time zone")
    asked = [one for one in said if one.at <= until]
    known = {id_: label for id_, label in labels.items() if label.at <= until}
    there = [(one, known[one.id]) for one in asked if one.id in known]
    waiting = [one.at for one in asked if one.id not in known]
    delays = sorted(label.at - one.at for one, label in there)
    return Labelled(
        truth=np.array([label.value for _, label in there], dtype=np.float64),
        scores=np.array([one.score for one, _ in there], dtype=np.float64),
        waiting=len(waiting),
        unknown=len(known.keys() - {one.id for one in asked}),
        delay=delays[len(delays) // 2] if delays else None,
        oldest=until - min(waiting) if waiting else None,
    )

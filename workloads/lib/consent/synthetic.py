"""A synthetic ledger over real ids. No public table ships consent, so this one is made up, and its purpose says so."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import numpy as np

from workloads.lib.consent.ledger import Entry

MARK = "synthetic:"
"""What each purpose of a made-up entry starts with: nobody takes it for a person's own word."""


def entries(
    subjects: Iterable[str],
    purpose: str,
    start: datetime,
    end: datetime,
    seed: int,
    granted: float = 0.9,
    withdrawn: float = 0.05,
) -> Iterator[Entry]:
    """For each subject, by the seed alone: a grant (share `granted`) at an instant of the first half of start to end,
    and a withdrawal of it (share `withdrawn` of those) in the second half; each recorded up to a day later.

    The purpose becomes `synthetic:<purpose>`.
    """
    random = np.random.default_rng(seed)
    half = (end - start) / 2
    for subject in sorted(set(subjects)):
        grants, withdraws, first, second, late, later = random.random(6)
        if grants >= granted:
            continue
        at = start + half * first
        yield Entry(subject, MARK + purpose, "granted", at, at + timedelta(days=late))
        if withdraws < withdrawn:
            at = start + half + half * second
            yield Entry(subject, MARK + purpose, "withdrawn", at, at + timedelta(days=later))

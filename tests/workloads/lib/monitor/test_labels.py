"""Labels that come late: what is known when."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.errors import FalajError
from workloads.lib.monitor.labels import Label, Said, labelled

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


SAID = [Said("a", 0.1, day(0)), Said("b", 0.2, day(1)), Said("c", 0.3, day(2)), Said("a", 0.4, day(3))]
LABELS = {"a": Label(1, day(5)), "b": Label(0, day(2)), "z": Label(1, day(1))}


def test_labels_count_from_when_they_came():
    before, later = labelled(SAID, LABELS, day(2)), labelled(SAID, LABELS, day(5))
    assert (before.truth.tolist(), before.scores.tolist(), before.waiting, before.unknown) == ([0], [0.2], 2, 1)
    assert (before.delay, before.oldest, before.share) == (timedelta(days=1), timedelta(days=2), 1 / 3)
    assert (later.truth.tolist(), later.scores.tolist()) == ([1, 0, 1], [0.1, 0.2, 0.4])
    assert (later.waiting, later.delay, later.oldest) == (1, timedelta(days=2), timedelta(days=3))


def test_of_nothing_nothing_is_missing():
    none = labelled([], {}, day(0))
    assert (len(none.truth), none.waiting, none.delay, none.oldest, none.share) == (0, 0, None, None, 1.0)
    with pytest.raises(FalajError, match="MON-004 labels: 2026-01-01T00:00:00 has no time zone"):
        labelled(SAID, LABELS, START.replace(tzinfo=None))

"""Streams whose change is known."""

import numpy as np
import pytest

from workloads.lib.monitor.stream import changes


def test_a_change_of_the_error_rate_is_found_soon_and_where_it_was():
    random = np.random.default_rng(0)
    errors = np.concatenate([random.random(5000) < 0.17, random.random(3000) < 0.25, random.random(3000) < 0.17])
    found = changes(errors.astype(float))
    assert len(found) == 2
    for change, at, before, after in zip(found, (5000, 8000), (0.17, 0.25), (0.25, 0.17), strict=True):
        assert at - 300 <= change.since <= at + 300
        assert at < change.place < at + 1500
        assert (change.before, change.after) == pytest.approx((before, after), abs=0.06)


def test_a_stream_that_stays_as_it_is_has_no_change():
    random = np.random.default_rng(1)
    false = sum(len(changes(random.normal(0, 1, 2000))) for _ in range(100))
    assert false <= 2
    assert changes(np.array([])) == []

"""A lake with people's rows in it."""

import pytest

from tests.workloads.lib.data.conftest import VISITS, visits
from workloads.lib.data.table import Lake
from workloads.lib.object_store import ObjectStore


@pytest.fixture
def lake(store: ObjectStore) -> Lake:
    """Ten visits of each of five people in `main`, the first three of them in the tag `old`."""
    made = Lake(store)
    made.create(VISITS)
    made.append("visits", visits(0, 30))
    made.tag("visits", "old")
    made.append("visits", visits(30, 50))
    return made

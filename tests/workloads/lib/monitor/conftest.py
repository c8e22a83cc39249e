"""The real census by year, and the profile of 2015 with the predictions that were shipped."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workloads.employment.tables import FEATURES
from workloads.lib.data.column import Schema
from workloads.lib.monitor.profile import Profile, profile

PERSON = Schema("person", FEATURES, key=())


def columns(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    return {name: rows[name].to_numpy() for name in PERSON.names}


@pytest.fixture(scope="session")
def years(census: dict[str, Path]) -> dict[int, pd.DataFrame]:
    live = pd.read_parquet(census["analysis"]).merge(pd.read_parquet(census["analysis_target"]), on="id")
    rows = pd.concat([pd.read_parquet(census["reference"]), live])
    return {int(year): part for year, part in rows.groupby("year")}


@pytest.fixture(scope="session")
def of_2015(years: dict[int, pd.DataFrame]) -> Profile:
    rows = years[2015]
    said, truth = rows["predicted_probability"].to_numpy(), rows["employed"].to_numpy()
    return profile("classification", PERSON, columns(rows), said, truth, "2015")

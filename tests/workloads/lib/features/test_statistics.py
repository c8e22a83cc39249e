from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from infra.errors import FalajError
from tests.workloads.lib.features.conftest import MEASURED, WEATHER
from tests.workloads.lib.features.test_join import BITEMPORAL, facts
from workloads.lib.features.definition import Feature, FeatureView
from workloads.lib.features.statistics import QUANTILES, freshness, statistics

START = datetime(2024, 1, 1, tzinfo=UTC)


def test_the_weather_s_statistics_are_those_of_pandas(weather: Any) -> None:
    frame = weather.to_pandas()[list(MEASURED)].astype(float)
    for found in statistics(WEATHER, weather):
        theirs = frame[found.feature]
        assert (found.rows, found.nulls) == (26_115, theirs.isna().sum())
        assert found.distinct == theirs.nunique()
        assert found.mean == pytest.approx(theirs.mean(), rel=1e-12)
        assert found.deviation == pytest.approx(theirs.std(ddof=0), rel=1e-12)
        assert list(found.quantiles.values()) == pytest.approx(theirs.quantile(list(QUANTILES)).tolist(), rel=1e-12)


def test_codes_are_counted_and_what_is_no_number_left_out_of_means() -> None:
    view = FeatureView(
        name="mixed",
        description="",
        owner="",
        source="",
        keys=("id",),
        event_time="at",
        features=(
            Feature(name="code", kind="text", description=""),
            Feature(name="n", kind="integer", description=""),
            Feature(name="x", kind="number", description=""),
            Feature(name="none", kind="number", description=""),
        ),
    )
    table = pa.Table.from_pandas(
        pd.DataFrame(
            {"code": ["b", "a", "b", None], "n": [1, 1, 2, 2], "x": [1.0, np.inf, np.nan, 3.0], "none": np.nan}
        )
    )
    code, n, x, none = statistics(view, table)
    assert (code.top, code.nulls, code.distinct, code.mean) == ({"b": 2, "a": 1}, 1, 2, None)
    assert (n.top, n.mean) == ({"1": 2, "2": 2}, 1.5)
    assert (x.nulls, x.mean, x.deviation, x.quantiles["0.5"]) == (1, 2, 1, 2)
    assert (none.nulls, none.mean, none.quantiles) == (4, None, {})
    with pytest.raises(FalajError, match="FEA-002 feature view mixed: it needs column n"):
        statistics(view, table.drop_columns("n"))


@pytest.mark.parametrize(
    ("minutes", "age", "stale"), [(9, 240, False), (10, 300, False), (11, 360, True), (4, None, True), (21, 0, False)]
)
def test_freshness_is_the_age_of_the_newest_row_that_is_known(minutes: int, age: float | None, stale: bool) -> None:
    view = BITEMPORAL.model_copy(update={"freshness": timedelta(minutes=5)})
    table = facts([("A", 1, 5, 1.0), ("A", 20, 21, 1.0), ("B", None, 2, 1.0), ("B", 2, None, 1.0)])
    found = freshness(view, table, START + timedelta(minutes=minutes))
    assert (found.age_seconds, found.stale, found.limit_seconds) == (age, stale, 300)
    assert freshness(BITEMPORAL, table, START + timedelta(days=9)).stale is False

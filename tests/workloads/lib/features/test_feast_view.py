"""A Feast store made from our definitions gives the features of our join."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.workloads.lib.features.test_join import BITEMPORAL, asked, facts
from workloads.lib.features.feast_view import to_feast
from workloads.lib.features.history import History
from workloads.lib.features.join import join


@pytest.mark.e2e
def test_feast_reads_our_view(tmp_path: Path) -> None:
    feast = pytest.importorskip("feast")
    table = facts([("A", 1, 1, 0.4), ("A", 2, 9, 0.6), ("B", 1, 1, 1.0), ("A", 1, 3, 0.5)])
    rows = asked([("A", 5), ("A", 9), ("B", 11), ("B", 12)])
    pq.write_table(table, tmp_path / "balances.parquet")
    entities, view = to_feast(BITEMPORAL, tmp_path / "balances.parquet", {"account": "text"})
    assert view.tags["digest"] == BITEMPORAL.digest
    store = feast.FeatureStore(
        config=feast.RepoConfig(
            registry=str(tmp_path / "registry.db"),
            project="test",
            provider="local",
            offline_store={"type": "duckdb"},
            online_store={"type": "sqlite", "path": str(tmp_path / "online.db")},
            entity_key_serialization_version=3,
        )
    )
    store.apply([*entities, view])
    frame = rows.to_pandas().rename(columns={"t": "event_timestamp"})
    theirs = store.get_historical_features(frame, features=["balance:value"], filter_by_created_timestamp=True).to_df()
    ours = join(rows, "t", History.of(BITEMPORAL, table)).to_pandas().rename(columns={"t": "event_timestamp"})
    order = ["account", "event_timestamp"]
    pd.testing.assert_frame_equal(
        theirs.sort_values(order)[[*order, "value"]].reset_index(drop=True),
        ours.sort_values(order).reset_index(drop=True),
        check_dtype=False,
    )
    assert ours["value"].isna().tolist() == [False, False, False, True]

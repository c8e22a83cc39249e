"""`python -m bench.features`: the point-in-time join of flights and weather, in turn with polars, pandas and Feast.

All start from tables in memory (Feast from a Parquet file, as it must) and end with every flight in its place with the
eight measurements of at most two hours ago. Memory is the most a process of its own ever had, for the rows once and ten
times over, joined batch by batch.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from bench.flights import MEASURED, WEATHER, tables
from workloads.lib.features.feast_view import to_feast
from workloads.lib.features.history import History
from workloads.lib.features.join import join

RUNS = 7
BATCH = 50_000
NULLS = 990
"""Flights without a temperature of at most two hours ago, whoever joins."""


def main() -> None:
    """Print a line for each engine, then the memory."""
    flights, weather = tables()
    weather = weather.select(["origin", "time_hour", *MEASURED])
    flights = flights.drop_columns(["hour", "time_hour"])
    print(f"point-in-time join, {len(flights):,} x {len(weather):,} rows: median of {RUNS} runs after one to warm up")
    taken = times(
        {"ours": ours(flights, weather), "polars": polars(flights, weather), "pandas": pandas(flights, weather)}
    )
    line("DuckDB (ours)", taken["ours"], taken["ours"])
    line("polars join_asof", taken["polars"], taken["ours"])
    line("pandas merge_asof", taken["pandas"], taken["ours"])
    with tempfile.TemporaryDirectory() as folder:
        line("Feast, DuckDB store, one run", [feast(flights, weather, Path(folder))], taken["ours"])
        pq.write_table(flights, f"{folder}/flights.parquet", row_group_size=BATCH)
        once, tenfold = (memory(folder, copies) for copies in (1, 10))
    print(f"{'memory, rows once':<44}{once:8.0f} MB\n{'memory, rows ten times over':<44}{tenfold:8.0f} MB")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def times(engines: dict[str, Callable[[], int]]) -> dict[str, list[float]]:
    """Seconds of every counted run; the engines take turns, and each must find the same nulls."""
    taken: dict[str, list[float]] = {name: [] for name in engines}
    for run in range(RUNS + 1):
        for name, engine in engines.items():
            began = time.perf_counter()
            nulls = engine()
            if run:
                taken[name].append(time.perf_counter() - began)
            if nulls != NULLS:
                raise AssertionError(f"{name} found {nulls} flights without a temperature, not {NULLS}")
    return taken


def line(name: str, taken: list[float], ours: list[float]) -> None:
    """Median seconds, and how many times ours that is."""
    median = statistics.median(taken)
    print(f"{name:<44}{median:8.3f} s  {median / statistics.median(ours):6.2f} times ours")


def ours(flights: Any, weather: Any) -> Callable[[], int]:
    return lambda: join(flights, "sched", History.of(WEATHER, weather))["temp"].null_count


def polars(flights: Any, weather: Any) -> Callable[[], int]:
    left, right = pl.DataFrame(flights), pl.DataFrame(weather)

    def run() -> int:
        rows = left.with_row_index("row").sort("sched")
        keys: dict[str, Any] = {"left_on": "sched", "right_on": "time_hour", "by": "origin", "tolerance": "2h"}
        joined = rows.join_asof(right.sort("time_hour"), **keys, check_sortedness=False)
        return joined.sort("row")["temp"].null_count()

    return run


def pandas(flights: Any, weather: Any) -> Callable[[], int]:
    import pandas as pd

    left, right = flights.to_pandas(), weather.to_pandas()

    def run() -> int:
        keys: dict[str, Any] = {"left_on": "sched", "right_on": "time_hour", "by": "origin"}
        rows = left.assign(row=range(len(left))).sort_values("sched")
        joined = pd.merge_asof(rows, right.sort_values("time_hour"), **keys, tolerance=pd.Timedelta("2h"))
        return int(joined.sort_values("row")["temp"].isna().sum())

    return run


def feast(flights: Any, weather: Any, folder: Path) -> float:
    """Seconds of one call."""
    import feast

    pq.write_table(weather, folder / "weather.parquet")
    entities, view = to_feast(WEATHER, folder / "weather.parquet", {"origin": "text"})
    config = feast.RepoConfig(
        registry=str(folder / "registry.db"),
        project="bench",
        provider="local",
        offline_store={"type": "duckdb"},
        online_store={"type": "sqlite", "path": str(folder / "online.db")},
        entity_key_serialization_version=3,
    )
    store = feast.FeatureStore(config=config)
    store.apply([*entities, view])
    rows = flights.to_pandas().rename(columns={"sched": "event_timestamp"})
    began = time.perf_counter()
    joined = store.get_historical_features(rows, features=[f"weather:{name}" for name in MEASURED]).to_df()
    taken = time.perf_counter() - began
    if (nulls := int(joined["temp"].isna().sum())) != NULLS or len(joined) != len(rows):
        raise AssertionError(f"Feast returned {len(joined)} rows, {nulls} without a temperature")
    return taken


def memory(folder: str, copies: int) -> float:
    """The most memory (MB) of a process that joins the flights so many times over."""
    command = [sys.executable, "-m", "bench.features", folder, str(copies)]
    return float(subprocess.run(command, capture_output=True, check=True).stdout)


def stream(folder: str, copies: int) -> None:
    """Read and join batch by batch, and print the most memory there was."""
    history = History.of(WEATHER, pq.read_table(f"{folder}/weather.parquet"))
    nulls = sum(
        join(pa.Table.from_batches([batch]), "sched", history)["temp"].null_count
        for _ in range(copies)
        for batch in pq.ParquetFile(f"{folder}/flights.parquet").iter_batches(BATCH)
    )
    if nulls != NULLS * copies:
        raise AssertionError(f"{nulls} flights without a temperature")
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(int(status["VmHWM"].split()[0]) / 1000)  # unlike rusage, this begins anew with the program


if __name__ == "__main__":
    stream(sys.argv[1], int(sys.argv[2])) if len(sys.argv) > 1 else main()

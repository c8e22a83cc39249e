"""`python -m bench.drift`: drift of 100,000 rows of 40 columns against as many, in turn with Evidently.

Ours starts from the profile that the registry holds, as a monitor does; making it once is its own line. Evidently has
no profile: it reads the reference each time. It is asked for PSI, and for its default (Wasserstein distance).
"""

import os
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
import pandas as pd

from workloads.lib.data.column import Column, Schema
from workloads.lib.monitor.drift import drift
from workloads.lib.monitor.profile import profile

RUNS = 5
ROWS, COLUMNS = 100_000, 40
MOVED = ("x0", "x1", "x2")
"""Columns whose mean moved by half a deviation: whoever looks must name these and no other."""


def main() -> None:
    """Print a line for each engine."""
    random = np.random.default_rng(0)
    names = [f"x{number}" for number in range(COLUMNS)]
    reference, window = ({name: random.normal(0, 1, ROWS) for name in names} for _ in range(2))
    window |= {name: window[name] + 0.5 for name in MOVED}
    score = random.random(ROWS)
    schema = Schema("bench", tuple(Column(name, name, "number") for name in names), key=())
    truth = (random.random(ROWS) < score).astype(int)

    began = time.perf_counter()
    known = profile("classification", schema, reference, score, truth, "reference")
    print(f"drift of {ROWS:,} x {COLUMNS}: median of {RUNS} runs after one to warm up")
    print(f"{'profile, once for a model':<44}{time.perf_counter() - began:8.3f} s")

    frames = pd.DataFrame(reference), pd.DataFrame(window)
    label = f"Evidently {version('evidently')}"
    engines = {
        "ours": lambda: drift(known, window, score).data,
        f"{label}, PSI": lambda: evidently(*frames, "psi"),
        f"{label}, default": lambda: evidently(*frames, None),
    }
    taken = times(engines)
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        print(f"{name:<44}{median:8.3f} s  {median / statistics.median(taken['ours']):6.1f} times ours")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def times(engines: dict[str, Callable[[], tuple[str, ...]]]) -> dict[str, list[float]]:
    """Seconds of every counted run; the engines take turns, and each must name the columns that moved."""
    taken: dict[str, list[float]] = {name: [] for name in engines}
    for run in range(RUNS + 1):
        for name, engine in engines.items():
            began = time.perf_counter()
            found = engine()
            if run:
                taken[name].append(time.perf_counter() - began)
            if set(found) != set(MOVED):
                raise AssertionError(f"{name} found drift in {found}, not in {MOVED}")
    return taken


def evidently(reference: pd.DataFrame, window: pd.DataFrame, method: str | None) -> tuple[str, ...]:
    """Columns that its report calls drifted."""
    from evidently import Report
    from evidently.presets import DataDriftPreset

    metrics = Report([DataDriftPreset(method=method)]).run(window, reference).dict()["metrics"]
    found = [(metric["config"], metric["value"]) for metric in metrics if "column" in metric["config"]]
    return tuple(config["column"] for config, value in found if value >= config["threshold"])


if __name__ == "__main__":
    main()

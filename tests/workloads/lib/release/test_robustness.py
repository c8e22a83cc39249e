"""Robustness of two models whose weak column is known."""

import numpy as np

from workloads.lib.data.column import Column
from workloads.lib.release import robustness

SCHEMA = (
    Column("code", "a code", "code", 0, 3),
    Column("size", "a size", "number", 0, 10),
    Column("free", "any", "text"),
)


def test_the_column_that_matters_is_the_worst_and_another_costs_nothing():
    random = np.random.default_rng(1)
    columns = {
        "code": random.integers(0, 4, 4000),
        "size": random.random(4000) * 10,
        "free": np.full(4000, "x", object),
    }
    truth = (columns["code"] >= 2).astype(int)

    def predict(given: dict[str, np.ndarray]) -> np.ndarray:
        code = np.asarray(given["code"], float)
        return np.where(np.isnan(code) | (code > 3), 0.4, np.where(code >= 2, 0.9, 0.1))

    found = robustness.measure("classification", "accuracy", predict, columns, truth, SCHEMA)
    assert found["clean"] == 1
    assert list(found["cases"]) == [
        "missing code",
        "beyond code",
        "missing size",
        "beyond size",
        "missing free",
        "noise",
    ]
    assert found["worst"] in ("missing code", "beyond code")
    assert 0.04 < found["worst_drop"] < 0.06  # half of the spoilt tenth is wrong then
    assert found["cases"]["missing size"] == {"value": 1, "drop": 0, "moved": 0}
    assert found == robustness.measure("classification", "accuracy", predict, columns, truth, SCHEMA)


def test_noise_on_numbers_moves_a_regression():
    values = np.linspace(0, 10, 1000)
    found = robustness.measure(
        "regression", "mae", lambda c: np.nan_to_num(c["size"]), {"size": values}, values, SCHEMA
    )
    assert found["cases"]["noise"]["drop"] > 0
    assert found["cases"]["missing size"]["moved"] > found["cases"]["noise"]["moved"]

"""Two small models of New York's flights, registered with their transform, and the platform that serves them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from safetensors.torch import save

from bench.flights import tables
from tests.workloads.lib.train.conftest import make_platform
from workloads.lib.data.column import Column, Schema
from workloads.lib.features.transform import Codes, Cycle, Number, Transform
from workloads.lib.platform import Platform
from workloads.lib.registry import Registry
from workloads.lib.serve.export import export
from workloads.lib.serve.scorer import Scorer
from workloads.lib.train.loop import build
from workloads.lib.train.spec import Job, Training

NAME = "late"
SCHEMA = Schema(
    "flights",
    (
        Column("id", "Place in the table", "integer", 0),
        Column("carrier", "Carrier", "text", nullable=True),
        Column("month", "Month", "code", 1, 12),
        Column("distance", "Miles", "number", 0, 10_000, nullable=True),
        Column("sched", "Scheduled departure", "instant"),
    ),
    key=("id",),
)
PLAN = Transform(
    codes=(Codes(name="carrier"), Codes(name="month")),
    numbers=(Number(name="distance"),),
    cycles=(Cycle(name="sched", period="day"),),
)
ROW = {"carrier": "UA", "month": 7, "distance": 1400.0, "sched": "2013-07-04T17:00:00Z"}


@dataclass(frozen=True)
class Models:
    """The platform's file, its store, and the digests of two registered models."""

    platform_file: Path
    registry: Registry
    champion: str
    challenger: str
    flights: Any

    def scorer(self, digest: str) -> Scorer:
        return Scorer(self.registry.load(NAME, digest))


def register(folder: Path, rows: int = 3000) -> Models:
    """Two networks of different seeds; what they say is of no use, but it is theirs alone."""
    platform_file = make_platform(folder)
    registry = Registry(Platform.load(platform_file).open_store())
    flights = tables()[0].slice(0, rows)
    flights = flights.append_column("id", pa.array(np.arange(rows))).select(SCHEMA.names).cast(SCHEMA.arrow)
    fitted = PLAN.fit({name: flights[name] for name in PLAN.names})
    models = [registry.publish(NAME, files(fitted, flights, seed), {"seed": seed}) for seed in (1, 2)]
    return Models(platform_file, registry, *models, flights)


def files(fitted: Transform, flights: Any, seed: int) -> dict[str, bytes]:
    job = job_of(fitted, seed)
    sample = {name: flights[name].slice(0, 500) for name in fitted.names}
    return export(save(build(job).state_dict()), job, fitted, SCHEMA, sample)


def job_of(fitted: Transform, seed: int) -> Job:
    return Job(
        task="classification",
        network="tests.workloads.lib.serve.networks:build",
        network_config={"slots": fitted.slots, "width": fitted.width},
        training=Training(seed=seed, epochs=1, batch=1, learning_rate=0.1),
    )


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return register(tmp_path_factory.mktemp("serve"))

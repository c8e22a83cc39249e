"""Batch scoring on a real Ray, of rows in a lake."""

from collections.abc import Generator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from infra.errors import FalajError
from tests.workloads.lib.serve.conftest import NAME, SCHEMA, Models, register
from tests.workloads.ray_here import ray_here
from workloads.lib.data.column import Schema
from workloads.lib.data.table import Lake, TableVersion
from workloads.lib.serve.batch import score, scores_of

pytestmark = [pytest.mark.e2e]


@pytest.fixture(scope="module")
def ray() -> Generator[Any]:
    with ray_here() as ray:
        yield ray


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> tuple[Models, Lake, TableVersion]:
    models = register(tmp_path_factory.mktemp("batch"))
    lake = Lake(models.registry.store)
    lake.create(SCHEMA)
    lake.append(SCHEMA.name, models.flights)
    return models, lake, lake.version(SCHEMA.name)


def test_every_row_is_scored_once_as_online_and_goes_on_after_a_kill(
    ray: Any, there: tuple[Models, Lake, TableVersion]
) -> None:
    models, lake, table = there
    assert score(models.platform_file, NAME, models.champion, table) == 3000
    found = scores_of(lake, table.table, models.champion)
    online = dict(
        zip(models.flights["id"].to_pylist(), models.scorer(models.champion).columns(_columns(models)), strict=True)
    )
    assert found["id"].num_chunks
    assert sorted(found["id"].to_pylist()) == list(range(3000))
    offline = np.array([online[row] for row in found["id"].to_pylist()])
    assert np.abs(offline - found["prediction"].to_numpy()).max() < 1e-7
    assert set(found["features"].to_pylist()) == {models.scorer(models.champion).features}
    lake.delete("flights_scores", "id >= 1000")  # as if killed after the first commit
    assert score(models.platform_file, NAME, models.champion, table) == 2000
    assert sorted(scores_of(lake, table.table, models.champion)["id"].to_pylist()) == list(range(3000))
    assert score(models.platform_file, NAME, models.champion, table) == 0
    assert score(models.platform_file, NAME, models.challenger, table) == 3000
    assert len(lake.read("flights_scores")) == 6000


def test_another_kind_of_table_is_refused(ray: Any, there: tuple[Models, Lake, TableVersion]) -> None:
    models, lake, _ = there
    for schema, why in (
        (Schema("pairs", SCHEMA.columns, key=("id", "month")), "its key is"),
        (Schema("bare", SCHEMA.columns[:2], key=("id",)), "it has no column"),
    ):
        lake.create(schema)
        lake.append(schema.name, models.flights.select(schema.names).slice(0, 5))
        with pytest.raises(FalajError, match=rf"SRV-008.*{why}"):
            score(models.platform_file, NAME, models.champion, lake.version(schema.name))


def _columns(models: Models) -> dict[str, pa.ChunkedArray]:
    return {name: models.flights[name] for name in models.scorer(models.champion).transform.names}

"""The registry as a real MLflow server shows it; what it shows is never believed, and made up for when it was down."""

from collections.abc import Iterator

import pytest

from infra.errors import FalajError
from tests.tracking_server import TrackingServer
from workloads.lib import http
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry import Registry, alias, branch
from workloads.lib.registry.mirror import TAG, mirror

API = "api/2.0/mlflow"


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = TrackingServer(tmp_path_factory.mktemp("mlflow"))
    server.start()
    yield server.url
    server.stop()


def shown(url: str, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """({digest: version}, {alias: version})."""
    found = http.call(f"{url}/{API}/model-versions/search?filter=name%3D%27{name}%27")[1].get("model_versions", [])
    versions = {tag["value"]: one["version"] for one in found for tag in one["tags"] if tag["key"] == TAG}
    assert len(versions) == len(found)
    model = http.call(f"{url}/{API}/registered-models/get?name={name}")[1]["registered_model"]
    return versions, {one["alias"]: one["version"] for one in model.get("aliases", [])}


@pytest.mark.timeout(400)
def test_entries_and_aliases_are_shown_once(registry: Registry, store: ObjectStore, models: list[str], mlflow: str):
    with pytest.raises(FalajError, match="WRK-012"):
        mirror(registry, "m", "http://127.0.0.1:9")  # nobody there: told, and made up for by the next call
    alias.move(store, "m", "champion", models[0], why="x")
    branch.create(store, "m", "exp/a", models[1], why="x")
    first = mirror(registry, "m", mlflow)
    assert (set(first.versions), first.aliases) == (set(models), {"champion": models[0]})
    assert not mirror(registry, "m", mlflow)
    versions, aliases = shown(mlflow, "m")
    assert set(versions) == set(models)
    assert aliases == {"champion": versions[models[0]]}

    alias.move(store, "m", "champion", models[2], why="x")
    fourth = registry.publish("m", {"weights": b"4"}, {})
    second = mirror(registry, "m", mlflow)
    assert (second.versions, second.aliases) == ([fourth], {"champion": models[2]})

    body = {"name": "m", "alias": "champion", "version": versions[models[1]]}  # somebody moves it in MLflow
    assert http.call(f"{mlflow}/{API}/registered-models/alias", body)[0] == 200
    assert alias.current(store, "m", "champion") == models[2]
    assert mirror(registry, "m", mlflow).aliases == {"champion": models[2]}
    assert shown(mlflow, "m")[1] == {"champion": versions[models[2]]}

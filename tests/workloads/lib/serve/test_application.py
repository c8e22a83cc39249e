"""The endpoint as a RayService has it: Serve's own configuration, deployed as KubeRay hands it over."""

import json
from collections.abc import Generator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.errors import FalajError
from policies.gate.decide import Gate
from policies.gate.document import Stack, from_release
from tests.workloads.lib.serve.conftest import NAME, Models, register
from tests.workloads.lib.serve.live import post, serving
from tests.workloads.test_employment import _evidence
from workloads.employment.spec import PATH, Spec
from workloads.employment.workload import Employment
from workloads.lib.platform import Platform
from workloads.lib.registry import alias
from workloads.lib.serve.application import Asked, build

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return register(tmp_path_factory.mktemp("application"))


@pytest.fixture(scope="module")
def live() -> Generator[int]:
    with serving() as (_, port):
        yield port


def deployed(models: Models, model: str | None = None) -> None:
    from ray.serve.context import _get_global_client
    from ray.serve.schema import ServeDeploySchema

    arguments = {"platform": str(models.platform_file), "name": NAME, "model": model}
    one = {"name": NAME, "route_prefix": f"/{NAME}", "import_path": "workloads.lib.serve.application:build"}
    text = yaml.safe_dump({"applications": [{**one, "args": arguments}]})
    client: Any = _get_global_client()
    client.deploy_apps(ServeDeploySchema.model_validate(yaml.safe_load(text)), _blocking=True)


def in_production(models: Models, model: str) -> str:
    """The release gate's decision by which it came there."""
    log = Platform.load(models.platform_file).decision_log
    stack = Stack(name="local", project="falaj", profile="dev", jurisdiction="local")
    evidence = _evidence() | {"model": NAME, "digest": model}
    with Gate.start(log=log) as gate:
        decision = gate.decide(from_release(evidence, stack, Employment(Spec.load(PATH)).thresholds())).decision_id
    alias.move(models.registry.store, NAME, "production", model, why="x", decision=decision, decisions=log)
    return decision


@pytest.mark.long
def test_nothing_in_production_and_nothing_allowed_is_not_served(tmp_path: Path) -> None:
    models = register(tmp_path)
    for model, code in ((None, "REG-003"), (models.champion, "REG-004")):
        with pytest.raises(FalajError) as caught:
            build(Asked(platform=models.platform_file, name=NAME, model=model))
        assert caught.value.code == code


def test_what_is_in_production_is_served_and_a_digest_exchanges_it(models: Models, live: int) -> None:
    decision = in_production(models, models.champion)
    deployed(models)
    connection = HTTPConnection("127.0.0.1", live, timeout=60)
    status, answer = post(connection)
    assert (status, answer["model"]) == (200, models.champion), answer
    connection.request("GET", f"/{NAME}")
    assert json.loads(connection.getresponse().read())["decision"] == decision
    in_production(models, models.challenger)
    assert post(connection)[1]["model"] == models.champion, "who serves does not change by itself"
    deployed(models, models.challenger)
    assert post(connection)[1]["model"] == models.challenger
    deployed(models, models.champion)
    assert post(connection)[1]["model"] == models.champion, "what was allowed may come back"

"""Bundled workloads as jobs and services of a region: what they are given there, and what is refused before a plan."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.contracts import Endpoint
from components.kubernetes.namespace import Namespace, NamespaceArgs
from infra.catalog import workloads as catalog
from infra.catalog.workloads import training, workloads
from infra.errors import FalajError
from infra.regions import kubernetes
from infra.regions.ray import Shared, deploy
from infra.regions.workload import FOLDER, PLATFORM
from tests.components.kubernetes import rig
from tests.components.kubernetes.rig import Made
from tests.infra.test_checks import Change, refused
from tests.infra.test_given import settings as given_settings
from tests.infra.test_ray_checks import DATA, IMAGE, TRAIN, TUNE, settings
from workloads.lib.platform import Platform
from workloads.lib.serve.application import Asked

OWN: dict[str, Any] = {"image": IMAGE, "version": "2.60.0", "groups": {"data": DATA}}
JUDGE = {"url": "https://judge.example.ae", "bundle": f"sha256:{'1' * 64}"}
FOUND = {"volume": "falaj-store", "secret": "falaj-platform", "ring": "a" * 32, "decision": JUDGE}
MODEL = f"sha256:{'2' * 64}"


def ray(jobs: dict[str, Any], services: dict[str, Any] | None = None, platform: Any = FOUND) -> Change:
    return {"ray": {"platform": platform, "jobs": jobs, "services": services or {}}}


def job(**changes: Any) -> Change:
    return ray({"learn": {**OWN, "workload": "employment", **changes}})


@pytest.fixture(scope="module")
def made() -> dict[str, Made]:
    jobs = {name: {**OWN, "workload": name} for name in workloads()}
    services = {f"{name}-answers": {**OWN, "workload": name, "model": MODEL} for name in workloads()}
    found = settings(ray(jobs, services))

    def build() -> None:
        space = Namespace("ray", NamespaceArgs(context=rig.context(), name="ray"))
        cache = Endpoint(host="cache.example.ae", port=6379, secret="ray-cache")
        deploy(found, Shared(context=rig.context(), namespace=space.name, token="ray-token", cache=cache))

    return rig.deployed(build)


def spec(made: dict[str, Made], kind: str, name: str) -> dict[str, Any]:
    (one,) = [
        one.inputs["spec"]
        for one in made.values()
        if (one.inputs.get("kind"), one.inputs.get("metadata", {}).get("name")) == (kind, name)
    ]
    return one


def containers(cluster: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(pod, Ray's container) of the head and of each group."""
    pods = [group["template"]["spec"] for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"])]
    return [(pod, pod["containers"][0]) for pod in pods]


@pytest.mark.parametrize("workload", workloads())
def test_a_name_is_enough(made: dict[str, Made], workload: str) -> None:
    job, service = spec(made, "RayJob", workload), spec(made, "RayService", f"{workload}-answers")
    assert job["entrypoint"] == f"python -m workloads.{workload} --platform {PLATFORM}"
    (application,) = yaml.safe_load(service["serveConfigV2"])["applications"]
    assert application["route_prefix"] == f"/{workload}"
    asked = Asked.model_validate(application["args"])
    assert (str(asked.platform), asked.name, asked.model, asked.scale.max) == (PLATFORM, workload, MODEL, DATA["max"])
    for cluster, name in ((job["rayClusterSpec"], workload), (service["rayClusterConfig"], f"{workload}-answers")):
        (platform,) = {one["metadata"]["name"]: one for one in maps(made, f"{name}-platform")}.values()
        found = Platform.model_validate_json(platform["data"]["platform.json"])
        assert (found.stack, found.jurisdiction, found.regimes, found.ray.address) == (
            "uae-aws",
            "uae",
            ["pdpl"],
            "auto",
        )
        assert found.ray.cpus == DATA["cpu"]
        for pod, container in containers(cluster):
            volumes = {one["name"]: one for one in pod["volumes"]}
            at = {one["mountPath"]: one for one in container["volumeMounts"]}
            assert volumes[at[FOLDER]["name"]]["persistentVolumeClaim"] == {"claimName": "falaj-store"}
            assert "readOnly" not in at[FOLDER]
            assert volumes[at[PLATFORM]["name"]]["configMap"] == {"name": platform["metadata"]["name"]}
            assert (at[PLATFORM]["subPath"], at[PLATFORM]["readOnly"]) == ("platform.json", True)
            secrets = volumes[at[str(found.passphrase_file.parent)]["name"]]["projected"]["sources"]
            paths = {item["path"] for one in secrets for item in one["secret"]["items"]}
            files = (found.passphrase_file, found.decision.token_file, found.ray.token_file)
            assert paths == {file.name for file in files}


def maps(made: dict[str, Made], name: str) -> list[dict[str, Any]]:
    return [one.inputs for one in rig.of_type(made, "ConfigMap") if one.name == name]


def test_the_types_take_them_and_the_gate_finds_nothing(made: dict[str, Made]) -> None:
    assert rig.findings(made, "IMG-003") == {}
    said = [json.loads(one.inputs["data"]["platform.json"]) for one in rig.of_type(made, "ConfigMap")]
    assert "passphrase" not in said[0]


def test_another_platform_is_other_pods() -> None:
    def called(**changes: Any) -> str:
        found = settings(ray({"learn": {**OWN, "workload": "flights"}}, platform=FOUND | changes))
        shared = Shared(context=rig.context(), namespace="ray", token="ray-token", cache=None)
        (one,) = maps(rig.deployed(lambda: deploy(found, shared)), "learn-platform")
        return one["metadata"]["name"]

    assert called() == called()
    assert called() != called(ring="b" * 32)


MISTAKES: list[tuple[Change, str, list[str]]] = [
    (job(workload="emplyment"), "CFG-032", ["ray.jobs.learn.workload", "'emplyment'", "one of: employment, flights"]),
    (ray({}, {"answer": {**OWN, "workload": "../x"}}), "CFG-032", ["ray.services.answer", "employment, flights"]),
    (ray({"learn": {**OWN, "workload": "flights"}}, platform=None), "CFG-032", ["flights", "falaj:ray.platform"]),
    (job(image=None, version=None), "CFG-032", ["Ray alone", "falaj:ray.jobs.learn.image"]),
    (job(entrypoint="python -m x"), "CFG-002", ["falaj:ray.jobs.learn", "one of `entrypoint` and `workload`"]),
    (job(workload=None), "CFG-002", ["one of `entrypoint` and `workload`"]),
    (ray({}, {"answer": OWN}), "CFG-002", ["falaj:ray.services.answer", "one of `serve` and `workload`"]),
    (
        ray({}, {"answer": {**OWN, "serve": {"applications": [{}]}, "model": MODEL}}),
        "CFG-002",
        [f"model {MODEL} is of no workload"],
    ),
    (ray({}, platform=FOUND | {"decision": JUDGE | {"url": "http://judge"}}), "CFG-002", ["platform.decision.url"]),
]


@pytest.mark.parametrize(("change", "code", "words"), MISTAKES)
def test_mistakes_name_place_values_and_fix(change: Change, code: str, words: list[str]) -> None:
    error = refused("uae-aws", change)
    assert error.code == code, error
    assert "\n" not in str(error)
    for word in words:
        assert word in str(error)


def trains(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (folder / "employment").mkdir(exist_ok=True)
    (folder / "employment" / "__main__.py").touch()
    (folder / "employment" / "spec.yaml").write_text(text)
    monkeypatch.setattr(catalog, "FOLDER", folder)


def test_workers_are_those_that_the_spec_trains_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trains(tmp_path, monkeypatch, "training: {device: gpu, workers: {min: 2, max: 4}}")
    found: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["learn.groups` have no GPUs", "employment/spec.yaml"]),
        ({"groups": {"tune": TUNE | {"max": 1, "min": 1}}}, ["tune.max` is 1", "2 workers"]),
        ({"groups": {"data": DATA, "tune": TUNE | {"min": 1}}}, ["tune.min` is 1", "Write 2 at least, or a queue"]),
    ]
    for changes, words in found:
        error = refused("uae-aws", job(**changes))
        assert error.code == "CFG-032"
        for word in words:
            assert word in str(error)
    ready = settings(job(groups={"train": TRAIN | {"max": 3}}, queue="training"))
    shared = Shared(context=rig.context(), namespace="ray", token="ray-token", cache=None)
    (one,) = maps(rig.deployed(lambda: deploy(ready, shared)), "learn-platform")
    assert json.loads(one["data"]["platform.json"])["ray"]["cpus"] == 3 * TRAIN["cpu"]


def test_a_spec_that_is_none_is_the_workloads_own_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("", "[", "training: 5", "training: {workers: {min: x}}"):
        trains(tmp_path, monkeypatch, text)
        with pytest.raises(FalajError) as caught:
            training("employment")
        assert (caught.value.code, "\n" in str(caught.value)) == ("WRK-003", False)


def test_a_given_cluster_runs_them_when_it_tells_of_a_database() -> None:
    from tests.infra.test_given import config

    pools = config({})["falaj:pools"]
    (cpu,) = [name for name, pool in pools.items() if pool["kind"] == "cpu"]
    own = {**OWN, "workload": "employment", "groups": {"data": {**DATA, "pool": cpu, "max": 1}}}
    given = given_settings(ray=ray({"learn": own})["ray"])
    made = rig.deployed(lambda: kubernetes.deploy("uae-onprem", given))
    assert spec(made, "RayJob", "learn")["entrypoint"].startswith("python -m workloads.employment")
    assert rig.refused(made) == {}
    with pytest.raises(FalajError) as caught:
        given_settings(ray=ray({"learn": own})["ray"], database=None, artifacts=None)
    assert (caught.value.code, "falaj:database" in str(caught.value)) == ("CFG-032", True)

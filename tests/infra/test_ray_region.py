"""A region's settings as what Ray runs in its cluster."""

from typing import Any

from components.aws.identity import DUTIES
from components.contracts import Endpoint
from components.kubernetes import tracking
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.platform import RAY
from infra.regions.ray import Shared, deploy, pool_of
from tests.components.kubernetes import rig
from tests.infra.test_ray_checks import IMAGE, SOUND, settings

OWN = {"image": IMAGE, "version": "2.60.0"}


def test_all_that_a_stack_file_names_is_made_as_it_says_and_the_gate_finds_nothing() -> None:
    sections: dict[str, Any] = {kind: {name: one | OWN for name, one in found.items()} for kind, found in SOUND.items()}
    found = settings({"ray": sections})

    def build() -> None:
        space = Namespace("ray", NamespaceArgs(context=rig.context(), name="ray"))
        cache = Endpoint(host="cache.example.ae", port=6379, secret="ray-cache")
        env = {"MLFLOW_TRACKING_URI": tracking.URL}
        deploy(found, Shared(context=rig.context(), namespace=space.name, token="ray-token", cache=cache, env=env))

    made = rig.deployed(build)
    kinds = {one.inputs["metadata"]["name"]: one.inputs for one in made.values() if ":ray.io/" in one.type}
    assert {name: one["kind"] for name, one in kinds.items()} == {
        "lab": "RayCluster",
        "train": "RayJob",
        "employment": "RayService",
    }
    (train,) = kinds["train"]["spec"]["rayClusterSpec"]["workerGroupSpecs"]
    limits = train["template"]["spec"]["containers"][0]["resources"]["limits"]
    assert (train["groupName"], train["maxReplicas"], limits["nvidia.com/gpu"]) == ("train", 4, "4")
    assert limits["vpc.amazonaws.com/efa"] == "8"
    assert kinds["train"]["spec"]["entrypoint"] == "python -m train"
    head = kinds["train"]["spec"]["rayClusterSpec"]["headGroupSpec"]
    for pods in (head, train):  # drivers and workers both log their runs
        (ray,) = pods["template"]["spec"]["containers"]
        assert {"name": "MLFLOW_TRACKING_URI", "value": tracking.URL} in ray["env"]
    assert rig.findings(made, "IMG-003") == {}


def test_a_pool_is_what_the_catalogue_says_of_its_machines() -> None:
    found = settings({"pools.h200.mig": "1g.18gb"})
    assert (pool_of(found, "h200").gpus, pool_of(found, "h200").device) == (56, "nvidia.com/mig-1g.18gb")
    assert (pool_of(found, "l40s").gpus, pool_of(found, "l40s").efa, pool_of(found, "cpu").gpus) == (4, 0, 0)


def test_the_shipped_stack_serves_and_trains_as_who_the_cloud_gives_models_to() -> None:
    found = settings({})
    for kind, made in (("serve", found.ray.services), ("train", found.ray.jobs)):
        assert list(made) == [kind]
        assert (DUTIES[kind].namespace, DUTIES[kind].service_account) == (RAY, kind)

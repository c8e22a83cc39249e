"""Every bundled workload as RayJob and RayService on a real API server with KubeRay: made, scheduled, done, served."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.catalog.workloads import workloads
from infra.plan.cluster.client import Client
from infra.regions.workload import APPLICATION, PLATFORM
from tests.e2e.sims import programmed, standing

PROGRAM = Path(__file__).with_name("workloads_program")
STACK, SPACE = "uae-aws", "workloads"
VOLUME: dict[str, Any] = {"accessModes": ["ReadWriteMany"], "storageClassName": ""}
pytestmark = [pytest.mark.e2e, pytest.mark.cluster, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    options = ("--nodes", "cpu=2", "--nodes", "l40s=0", "--nodes", "h200=0")
    with standing(tmp_path_factory, STACK, *options) as sims:
        provide(sims.client(STACK))
        with programmed(sims, STACK, PROGRAM, SPACE, tmp_path_factory.mktemp("stacks")) as client:
            yield client


def provide(client: Client) -> None:
    """The volume that the region does not make."""
    client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}})
    disk = {"capacity": {"storage": "10Gi"}, "nfs": {"server": "files.example.ae", "path": "/"}}
    client.apply({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "store"}, "spec": VOLUME | disk})
    wants = {"volumeName": "store", "resources": {"requests": {"storage": "10Gi"}}}
    named = {"name": "store", "namespace": SPACE}
    client.apply({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": named, "spec": VOLUME | wants})


def status(client: Client, kind: str, name: str, key: str, wanted: str) -> dict[str, Any]:
    """The object once its status says so."""
    asked = {"apiVersion": "ray.io/v1", "kind": kind, "metadata": {"name": name, "namespace": SPACE}}
    deadline = time.monotonic() + 120
    while not ((live := client.get(asked)) and live.get("status", {}).get(key) == wanted):
        assert time.monotonic() < deadline, live and live.get("status")
        time.sleep(0.5)
    return live


@pytest.mark.parametrize("workload", workloads())
def test_its_job_runs_and_its_service_serves(region: Client, workload: str) -> None:
    job = status(region, "RayJob", workload, "jobStatus", "SUCCEEDED")
    assert job["spec"]["entrypoint"] == f"python -m workloads.{workload} --platform {PLATFORM}"
    service = status(region, "RayService", f"{workload}-answers", "serviceStatus", "Running")
    (application,) = yaml.safe_load(service["spec"]["serveConfigV2"])["applications"]
    assert (application["import_path"], application["args"]["name"]) == (APPLICATION, workload)
    pods = region.list_of("v1", "Pod", SPACE, {"labelSelector": f"falaj.ae/ray={workload}-answers"})
    kinds = [pod["metadata"]["labels"].get("ray.io/node-type") for pod in pods if pod["spec"].get("nodeName")]
    assert sorted(filter(None, kinds)) == ["head", "worker"], "scheduled, with the volume bound"
    for pod in pods:
        at = {one["mountPath"]: one for one in pod["spec"]["containers"][0]["volumeMounts"]}
        assert at[PLATFORM]["subPath"] == "platform.json"

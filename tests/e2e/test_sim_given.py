"""The platform layer on a cluster that is there already, by its stack file: asked, planned, judged and made."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.checks import checked
from infra.cli.preflight.cluster import preflight
from infra.cli.sim.deploy import deployed
from infra.home import PROJECT
from infra.settings import KubernetesStack
from tests.e2e.sims import Sims, standing

STACK = "uae-onprem"
pytestmark = [pytest.mark.e2e, pytest.mark.cluster, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def sims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sims]:
    with standing(tmp_path_factory, STACK) as made:
        yield made


def asked(kubeconfig: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, **more: Any) -> dict[str, str]:
    """What the preflight finds wrong, when the simulated region is the cluster of the stack file's kubeconfig."""
    context = yaml.safe_load(kubeconfig.read_text())
    document = yaml.safe_load((PROJECT / "stacks" / f"Pulumi.{STACK}.yaml").read_text())
    document["config"]["falaj:cluster"] |= {
        "kubeconfig": str(kubeconfig),
        "context": context["current-context"],
        "server": context["clusters"][0]["cluster"]["server"],
    }
    document["config"] |= {f"falaj:{key}": value for key, value in more.items()}
    (folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(document))
    monkeypatch.setenv("FALAJ_STACKS", str(folder))
    settings = checked(STACK)
    assert isinstance(settings, KubernetesStack)
    return {one.name: one.found for one in preflight(settings, f"stacks/Pulumi.{STACK}.yaml") if not one.ok}


def test_a_cluster_is_asked_and_the_layer_is_put_onto_it(
    sims: Sims, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client, kubeconfig = sims.client(STACK), Path(sims.run("kubeconfig", STACK)["kubeconfig"])
    # What nobody has given yet; the types are those that the simulated region's own operators brought.
    lacking = asked(kubeconfig, tmp_path, monkeypatch)
    assert lacking.keys() == {"storage class sealed", "secrets", "types of others"}
    assert "rayclusters.ray.io" in lacking["types of others"]
    disks = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "sealed"}}
    client.apply({**disks, "provisioner": "csi.example.ae"})
    space = "falaj-secrets"
    client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}})
    for name, keys in (
        ("valkey", ("username", "password")),
        ("mlflow-database", ("username", "password")),
        ("mlflow-objects", ("access_key", "secret_key")),
    ):
        made = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": space}}
        client.apply({**made, "stringData": dict.fromkeys(keys, "it")})
    assert asked(kubeconfig, tmp_path, monkeypatch).keys() == {"types of others"}
    pools = yaml.safe_load((PROJECT / "stacks" / f"Pulumi.{STACK}.yaml").read_text())["config"]["falaj:pools"]
    more = {**pools, "h200": {**pools["h200"], "number": 3}, "cpu": {**pools["cpu"], "memory_gib": 300}}
    wrong = asked(kubeconfig, tmp_path, monkeypatch, pools=more)
    assert wrong.keys() == {"pool h200", "pool cpu", "types of others"}
    assert "2 nodes" in wrong["pool h200"]
    assert "250" in wrong["pool cpu"]

    monkeypatch.delenv("FALAJ_STACKS")
    deployed(STACK, sims.home / "sim" / STACK, kubeconfig, True)
    said = json.loads(capsys.readouterr().out)
    assert said["decision"]["verdict"] == "allow"
    pods = client.list_of("v1", "Pod", "ray", {})
    on: dict[str, set[str]] = {pod["metadata"]["name"].split("-")[0]: set() for pod in pods}
    for pod in pods:
        on[pod["metadata"]["name"].split("-")[0]].add(pod["spec"]["nodeName"].rpartition("-")[0])
    assert on == {"research": {"cpu"}, "training": {"cpu", "h200"}}, "each where its pool is"
    assert {one["metadata"]["name"] for one in client.list_of("v1", "Secret", "ray", {})} >= {"ray-token", "cache"}
    servers = client.list_of("v1", "Pod", "monitoring", {})
    assert {pod["spec"]["nodeName"].rpartition("-")[0] for pod in servers} == {"system"}
    stores = client.list_of("external-secrets.io/v1", "ClusterSecretStore", "", {})
    assert {one["metadata"]["name"] for one in stores} == {"ray", "mlflow"}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role"}
    reads = client.get({**role, "metadata": {"name": "reads-for-ray", "namespace": space}})
    assert reads is not None
    assert reads["rules"][0]["resourceNames"] == ["valkey"]

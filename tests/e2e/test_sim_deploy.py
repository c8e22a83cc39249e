"""A Ray runtime on a simulated region: planned, judged, made, kept and taken away."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.cli.sim.deploy import deployed
from infra.cli.sim.destroy import destroyed
from infra.home import PROJECT
from infra.plan.cluster.client import Client
from tests.e2e.sims import Sims, standing

PROGRAM = Path(__file__).with_name("sim_program")
STACK = "uae-aws"
WAVES = ["Ray services", "Ray jobs", "Ray clusters", "The rest in Kubernetes"]
pytestmark = [pytest.mark.e2e, pytest.mark.cluster, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def sims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sims]:
    with standing(tmp_path_factory, STACK, "--nodes", "l40s=1", "--nodes", "h200=0") as made:
        yield made


def until(client: Client, kind: str, name: str, holds: Callable[[Any], bool], seconds: float = 90) -> None:
    asked = {"apiVersion": "ray.io/v1", "kind": kind, "metadata": {"name": name, "namespace": "research"}}
    deadline = time.monotonic() + seconds
    while not ((live := client.get(asked)) and holds(live.get("status", {}))):
        assert time.monotonic() < deadline, live and live.get("status")
        time.sleep(0.5)


def test_a_ray_cluster_becomes_ready_and_is_drained(
    sims: Sims, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = yaml.safe_load((PROJECT / "stacks" / f"Pulumi.{STACK}.yaml").read_text())
    document["config"]["falaj:profile"] = "dev"  # nothing looks at signatures there
    (tmp_path / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(document))
    monkeypatch.setenv("FALAJ_STACKS", str(tmp_path))
    client, kubeconfig = sims.client(STACK), Path(sims.run("kubeconfig", STACK)["kubeconfig"])
    cluster: dict[str, Any] = {"apiVersion": "ray.io/v1", "kind": "RayCluster"}
    cluster["metadata"] = {"name": "demo", "namespace": "research"}
    there = (STACK, sims.home / "sim" / STACK, kubeconfig, True)

    client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "research"}})
    token: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret"}
    client.apply({**token, "metadata": {"name": "token", "namespace": "research"}, "stringData": {"auth_token": "it"}})
    deployed(*there, project=PROGRAM)
    live = client.get(cluster)
    assert live is not None
    assert live["status"]["state"] == "ready", "up waits for it"
    pods = client.list_of("v1", "Pod", "research", {"labelSelector": "ray.io/node-type=worker"})
    on = {pod["metadata"]["labels"]["ray.io/group"]: pod["spec"]["nodeName"].rpartition("-")[0] for pod in pods}
    assert on == {"train": "l40s", "serve": "cpu"}, "each where its pool is"
    until(client, "RayJob", "once", lambda status: status.get("jobStatus") == "SUCCEEDED")
    until(client, "RayService", "answers", lambda status: status.get("serviceStatus") == "Running")
    deployed(*there, project=PROGRAM)
    destroyed(*there)
    said = capsys.readouterr().out.replace("}\n{", "},{")
    first, again, gone = json.loads(f"[{said}]")
    assert first["decision"]["verdict"] == "allow"
    assert first["changes"]["create"] > 20
    assert again["changes"] == {}
    assert [wave["stage"] for wave in gone["waves"]][:4] == WAVES
    assert gone["kept"] == [], "of what is simulated nothing is anybody's, protected and retained or not"
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "research"}}
    assert client.get(space) is None
    assert client.list_of("v1", "Pod", "research", {}) == []

"""A simulated region, by the command line: it starts, holds, heals and goes."""

import os
import signal
import subprocess
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import psutil
import pytest

from components.kubernetes.bill import types
from infra.plan.cluster.client import Client, Object, RefusedError, UnservedError
from tests.e2e.sims import Sims
from tests.rig import BIN

pytestmark = [pytest.mark.e2e, pytest.mark.cluster, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def sims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sims]:
    made = Sims(tmp_path_factory.mktemp("sims"))
    yield made
    for folder in (made.home / "sim").glob("*"):
        made.run("down", folder.name)


@pytest.fixture(scope="module")
def one(sims: Sims) -> Client:
    sims.run("up", "uae-aws", "--nodes", "l40s=2")
    client = sims.client("uae-aws")
    deadline = time.monotonic() + 30
    while sum(sims.run("status", "uae-aws")["nodes"].values()) < 8:  # ready nodes; it is up before they all are
        assert time.monotonic() < deadline
    return client


def space(client: Client, name: str, level: str = "restricted") -> str:
    labels = {"pod-security.kubernetes.io/enforce": level}
    client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    return name


def pod(image: str, **more: Any) -> Object:
    context = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    made = {"name": "main", "image": image, "securityContext": context}
    return {"containers": [{**made, **more}]}


def ray(name: str, namespace: str, workers: int) -> Object:
    gpu = {"limits": {"nvidia.com/gpu": "1", "cpu": "1"}, "requests": {"nvidia.com/gpu": "1", "cpu": "1"}}
    there = {
        "nodeSelector": {"falaj.io/pool": "l40s"},
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
    }
    group = {
        "groupName": "gpu",
        "replicas": workers,
        "minReplicas": 0,
        "maxReplicas": workers,
        "rayStartParams": {},
        "template": {"spec": {**pod("ray", resources=gpu), **there}},
    }
    head = {"rayStartParams": {}, "template": {"spec": pod("ray")}}
    return {
        "apiVersion": "ray.io/v1",
        "kind": "RayCluster",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"rayVersion": "2.52.0", "headGroupSpec": head, "workerGroupSpecs": [group]},
    }


def until(client: Client, found: Object, state: str, seconds: float = 60) -> Object:
    deadline = time.monotonic() + seconds
    while True:
        now = client.get(found) or {}
        if now.get("status", {}).get("state") == state:
            return now
        assert time.monotonic() < deadline, f"{found['metadata']['name']} is {now.get('status')}"
        time.sleep(0.2)


def test_it_has_the_nodes_that_the_stack_says(sims: Sims, one: Client) -> None:
    assert sims.run("status", "uae-aws")["nodes"] == {"cpu": 2, "h200": 1, "l40s": 2, "system": 3}
    node = one.get({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "h200-0"}})
    assert node is not None
    assert node["status"]["allocatable"]["nvidia.com/gpu"] == "8"
    assert node["metadata"]["labels"]["topology.kubernetes.io/zone"] == "me-central-1a"
    assert {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"} in node["spec"]["taints"]


def test_a_ray_cluster_gets_ready_on_the_pool_it_asks_for(one: Client) -> None:
    space(one, "ray", "baseline")
    cluster = ray("gpus", "ray", 3)
    one.apply(cluster)
    ready = until(one, cluster, "ready")
    assert ready["status"]["readyWorkerReplicas"] == 3
    pods = one.list_of("v1", "Pod", "ray", {"labelSelector": "ray.io/group=gpu"})
    assert {item["spec"]["nodeName"].rsplit("-", 1)[0] for item in pods} == {"l40s"}


def test_a_privileged_pod_is_refused_where_the_namespace_is_restricted(one: Client) -> None:
    name = space(one, "closed")
    for spec in (
        pod("image", securityContext={"privileged": True}),
        {**pod("image"), "volumes": [{"name": "host", "hostPath": {"path": "/"}}]},
    ):
        with pytest.raises(RefusedError, match="PodSecurity"):
            one.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "namespace": name}, "spec": spec})


def test_a_secret_that_is_wanted_is_there_once_and_goes_with_who_wants_it(one: Client) -> None:
    for definition in types("external-secrets"):
        if definition["spec"]["names"]["kind"] in ("ExternalSecret", "Password"):
            one.apply(definition)
    there, generators = {"name": "token", "namespace": space(one, "secrets")}, "generators.external-secrets.io/v1alpha1"
    made = {"length": 40, "noUpper": False, "allowRepeat": True, "secretKeys": ["auth_token"]}
    generator = {"apiVersion": generators, "kind": "Password", "name": "token"}
    source = {"dataFrom": [{"sourceRef": {"generatorRef": generator}}]}
    wanted: Object = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": there,
        "spec": source,
    }
    secret: Object = {"apiVersion": "v1", "kind": "Secret", "metadata": there}
    held(lambda: one.apply(wanted))  # its type takes the server a moment; its generator is not there yet
    one.apply({"apiVersion": generators, "kind": "Password", "metadata": there, "spec": made})
    first = held(lambda: one.get(secret))
    assert len(b64decode(first["data"]["auth_token"])) == 40
    assert held(lambda: (one.get(wanted) or {}).get("status"))["conditions"][0]["status"] == "True"
    one.delete(first)
    assert held(lambda: one.get(secret))["data"] != first["data"]
    one.delete(wanted)
    held(lambda: one.get(secret) is None)


def held(asked: Callable[[], Any], seconds: float = 30) -> Any:
    """What is answered once it is something."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(UnservedError):
            if found := asked():
                return found
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_what_died_is_brought_back(sims: Sims, one: Client) -> None:
    before = sims.pids("uae-aws")
    killed = {"apiserver", "operator", "kueue", "gatekeeper"}
    for name in killed:
        os.kill(before[name], signal.SIGKILL)
    sims.run("up", "uae-aws")
    after = sims.pids("uae-aws")
    assert {name for name in before if before[name] != after[name]} >= killed
    space(one, "again", "baseline")
    cluster = ray("again", "again", 1)
    one.apply(cluster)
    until(one, cluster, "ready")


def test_several_stand_side_by_side_and_leave_nothing(sims: Sims, one: Client) -> None:
    sims.run("up", "uae-aws-smb", "--name", "other")
    pids = sims.pids("other")
    assert len({*pids.values(), *sims.pids("uae-aws").values()}) == 2 * len(pids)
    assert sims.run("up", "eu-aws", "--name", "other", exit_code=2)["error"]["code"] == "FALAJ-SIM-006"
    sims.run("down", "other")
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert not (sims.home / "sim" / "other").exists()
    assert sims.run("status", "other", exit_code=2)["error"]["code"] == "FALAJ-SIM-001"


@pytest.mark.parametrize("seconds", [0.5, 2, 4])
def test_a_start_that_is_killed_can_be_taken_up_or_away(sims: Sims, seconds: float) -> None:
    command = [BIN / "falaj", "sim", "up", "uae-aws-smb", "--name", "killed"]
    with subprocess.Popen(command, env=sims.environment, stdout=subprocess.DEVNULL) as started:
        time.sleep(seconds)
        started.kill()
    sims.run("up", "uae-aws-smb", "--name", "killed")
    assert sims.run("status", "killed")["nodes"] == {"cpu": 1, "system": 2}
    sims.run("down", "killed")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("up", "uae-aws", "--nodes", "l40s"), "FALAJ-SIM-007"),
        (("up", "uae-aws", "--nodes", "b200=1"), "FALAJ-SIM-004"),
        (("up", "local"), "FALAJ-SIM-005"),
    ],
)
def test_what_cannot_be_simulated_is_said(sims: Sims, arguments: tuple[str, ...], code: str) -> None:
    assert sims.run(*arguments, exit_code=2)["error"]["code"] == code

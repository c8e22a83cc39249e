"""A program of Kubernetes objects, made in a real API server by the engine with the plan providers."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import pytest

from infra.plan.cluster.client import Client, Object
from infra.plan.serve import attached
from tests.e2e.sims import Sims, standing
from tests.infra.plan.rig import Program

FOLDER = Path(__file__).parents[1] / "infra" / "plan" / "cluster"
SIM = "uae-aws"
CANARY = "canary-f00d-5ecret"
pytestmark = [pytest.mark.e2e, pytest.mark.cluster]


class Space:
    """A namespace of a test's own, and the program that fills it."""

    def __init__(self, client: Client, program: Program, name: str) -> None:
        self.client, self.program, self.name = client, program, name

    def get(self, version: str, kind: str, name: str) -> Object | None:
        return self.client.get(self._named(version, kind, name))

    def live(self, version: str, kind: str, name: str) -> Object:
        found = self.get(version, kind, name)
        assert found, f"{kind} {name} is not there"
        return found

    def patch(self, version: str, kind: str, name: str, change: dict[str, Any], manager: str = "kubectl-edit") -> None:
        at = self.client.address(self._named(version, kind, name))
        self.client.ask("PATCH", at, change, {"fieldManager": manager}, "application/merge-patch+json")

    def steps(self) -> dict[str, str]:
        """Names and operations of what a preview would do."""
        steps = json.loads(self.program.operate("preview", "test", "--json").stdout)["steps"]
        return {step["urn"].rsplit("::", 1)[-1]: step["op"] for step in steps if step["op"] != "same"}

    def refused(self, verb: Literal["preview", "up"] = "preview") -> str:
        done = self.program.operate(verb, "test", exit_code=None)
        assert done.returncode != 0
        return done.stdout + done.stderr

    def _named(self, version: str, kind: str, name: str) -> Object:
        return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": self.name}}


@pytest.fixture(scope="module")
def sims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sims]:
    with standing(tmp_path_factory, SIM, "--nodes", "l40s=0", "--nodes", "h200=0") as made:
        yield made


@pytest.fixture
def space(sims: Sims, tmp_path: Path) -> Iterator[Space]:
    name, kubeconfig = f"wire-{uuid4().hex[:8]}", Path(sims.run("kubeconfig", SIM)["kubeconfig"])
    with attached(cluster=kubeconfig) as environment:
        program = Program(FOLDER, tmp_path, environment)
        program.make("test", {"wire:space": name})
        program.run("config", "set", "--secret", "wire:token", CANARY, "--stack", "test")
        made = Space(sims.client(SIM), program, name)
        yield made
        program.operate("destroy", "test")
        assert made.get("v1", "Namespace", name) is None
        assert made.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"channels.{name}.falaj.ae") is None


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda what: monkeypatch.setenv("PLAN_TEST", what)


def test_objects_are_made_kept_updated_and_replaced(space: Space, change: Callable[[str], None]) -> None:
    space.program.operate("up", "test")
    live = space.live("apps/v1", "Deployment", "web")
    assert live["status"]["readyReplicas"] == 2, "up waits for its pods"
    state = space.program.state("test")
    assert state["web"]["id"] == f"{space.name}/web"
    assert state["web"]["outputs"]["metadata"]["uid"] == live["metadata"]["uid"]
    assert state["front"]["outputs"]["spec"]["clusterIP"] == space.live("v1", "Service", "front")["spec"]["clusterIP"]
    assert space.steps() == {}
    space.program.operate("up", "test", "--expect-no-changes")
    change("size")
    assert space.steps() == {"web": "update"}
    space.program.operate("up", "test")
    grown = space.live("apps/v1", "Deployment", "web")
    assert (grown["metadata"]["uid"], grown["status"]["readyReplicas"]) == (live["metadata"]["uid"], 3)
    change("selector")
    assert space.steps()["web"] in ("replace", "delete-replaced")
    space.program.operate("up", "test")
    other = space.live("apps/v1", "Deployment", "web")
    assert other["metadata"]["uid"] != live["metadata"]["uid"]
    assert other["spec"]["selector"] == {"matchLabels": {"app": "site"}}


def test_the_server_says_what_cannot_be_changed_in_place(space: Space, change: Callable[[str], None]) -> None:
    """No table of ours names this field; the rule is in the custom resource's own definition."""
    space.program.operate("up", "test")
    before = space.live(f"{space.name}.falaj.ae/v1", "Channel", "main")["metadata"]["uid"]
    change("source")
    assert space.steps()["main"] in ("replace", "delete-replaced")
    space.program.operate("up", "test")
    after = space.live(f"{space.name}.falaj.ae/v1", "Channel", "main")
    assert after["metadata"]["uid"] != before
    assert after["spec"]["source"] == "river"


def test_refresh_sees_what_others_changed_and_up_puts_it_right(space: Space) -> None:
    space.program.operate("up", "test")
    space.client.delete(space.live("networking.k8s.io/v1", "NetworkPolicy", "closed"))
    labels: dict[str, Any] = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": None, "of": "another"}}}
    space.patch("v1", "Namespace", space.name, labels)
    space.program.operate("refresh", "test")
    state = space.program.state("test")
    assert "closed" not in state
    assert state["space"]["inputs"]["metadata"]["labels"] == {}
    assert state["web"]["inputs"]["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["cpu"] == "1000m"
    assert space.steps() == {"closed": "create", "space": "update"}
    space.program.operate("up", "test")
    labels = space.live("v1", "Namespace", space.name)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert labels["of"] == "another", "what the program says nothing about is left alone"


def test_without_a_refresh_too(space: Space) -> None:
    space.program.operate("up", "test")
    space.client.delete(space.live("v1", "Service", "front"))
    assert space.steps() == {"front": "update"}
    space.program.operate("up", "test")
    space.live("v1", "Service", "front")


def test_a_field_of_another_owner_is_left_or_taken(space: Space, change: Callable[[str], None]) -> None:
    space.program.operate("up", "test")
    space.patch("apps/v1", "Deployment", "web", {"spec": {"replicas": 1}}, "scaler")
    said = space.refused()
    assert "FALAJ-KUBE-006" in said
    assert f'Deployment {space.name}/web: spec.replicas: conflict with "scaler"' in said
    change("ignore")
    space.program.operate("up", "test")
    assert space.live("apps/v1", "Deployment", "web")["spec"]["replicas"] == 1
    change("force")
    space.program.operate("up", "test")
    assert space.live("apps/v1", "Deployment", "web")["spec"]["replicas"] == 2


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("wrong", 'Deployment {space}/web: Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1'),
        ("greedy", 'pods "greedy" is forbidden: violates PodSecurity "restricted:latest": allowPrivilege'),
    ],
)
def test_a_preview_is_refused_by_the_server(space: Space, change: Callable[[str], None], what: str, text: str) -> None:
    space.program.operate("up", "test")
    change(what)
    said = space.refused()
    assert text.format(space=space.name) in said
    assert "FALAJ-KUBE-001" in said


def test_what_nothing_is_there_for_yet_is_held_to_its_schema(space: Space, change: Callable[[str], None]) -> None:
    """Neither the namespace nor the definition is in the cluster in this preview."""
    change("litre")
    assert "is 3: there is no such field; the nearest is litres" in space.refused()
    change("kind")
    assert "neither the API server nor a definition before it in this program has the kind Chanel" in space.refused()


def test_pods_that_are_not_admitted_are_one_error(space: Space, change: Callable[[str], None]) -> None:
    space.program.operate("up", "test")
    quota: Object = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few", "namespace": space.name}}
    space.client.apply({**quota, "spec": {"hard": {"pods": "2"}}})
    until(lambda: space.live("v1", "ResourceQuota", "few").get("status", {}).get("used") == {"pods": "2"})
    change("size")
    said = space.refused("up")
    assert "FALAJ-KUBE-003" in said
    assert "exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2" in said
    space.client.delete(quota)
    space.program.operate("up", "test")
    change("size,root")
    said = space.refused("up")
    assert f"FALAJ-KUBE-003 Deployment {space.name}/web" in said
    assert 'is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true' in said
    change("size")
    space.program.operate("up", "test")


def test_a_finalizer_that_stays_is_named(space: Space, change: Callable[[str], None]) -> None:
    change("finalizer")
    space.program.operate("up", "test")
    done = space.program.operate("destroy", "test", exit_code=None)
    assert done.returncode != 0
    assert f"FALAJ-KUBE-004 Channel {space.name}/main" in done.stdout + done.stderr
    assert "held by falaj.ae/waits" in done.stdout + done.stderr
    space.patch(f"{space.name}.falaj.ae/v1", "Channel", "main", {"metadata": {"finalizers": []}})


def test_a_secret_is_in_no_state_and_no_output(space: Space, change: Callable[[str], None]) -> None:
    said = [space.program.operate(verb, "test") for verb in ("preview", "up", "refresh")]
    change("leak")
    said.append(space.program.operate("preview", "test", exit_code=None))
    assert "[secret]" in said[-1].stdout, "the server's refusal quotes it"
    assert CANARY not in "".join(done.stdout + done.stderr for done in said)
    coded = space.live("v1", "Secret", "token")["data"]["token"]
    for file in (space.program.home / "state").rglob("*.json*"):
        assert CANARY not in file.read_text()
        assert coded not in file.read_text()


def test_an_api_server_killed_in_an_up_loses_and_doubles_nothing(space: Space, sims: Sims) -> None:
    """Its supervisor starts it anew."""
    up = subprocess.Popen(
        ["pulumi", "--non-interactive", "up", "--yes", "--skip-preview", "--stack", "test"],
        cwd=space.program.folder,
        env=space.program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    server = sims.pids(SIM)["apiserver"]
    until(lambda: space.get("v1", "Namespace", space.name))
    os.kill(server, signal.SIGKILL)
    said, _ = up.communicate(timeout=200)
    assert up.returncode == 0 or "FALAJ-KUBE-" in said, said
    space.program.operate("up", "test")
    assert sims.pids(SIM)["apiserver"] != server
    assert space.steps() == {}
    assert len(space.client.list_of("apps/v1", "ReplicaSet", space.name, {})) == 1
    assert set(space.program.state("test")) >= {"space", "closed", "token", "web", "front", "channels", "main"}


def until(happens: Callable[[], Any], seconds: float = 60) -> None:
    began = time.monotonic()
    while not happens():
        assert time.monotonic() - began < seconds, "it did not happen"
        time.sleep(0.02)

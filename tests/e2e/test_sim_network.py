"""What is behind the addresses of a simulated region: Ray's dashboards, webhooks of this machine, and nothing else."""

import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import urllib3

from infra.plan.cluster.client import Client, Object, RefusedError
from infra.plan.cluster.config import Config
from infra.sim.network.routes import lead
from infra.sim.state import find
from tests.e2e.sims import Sims, standing
from tests.e2e.webhook import WORDS, webhook

STACK, SPACE = "uae-aws-smb", "work"
TOKEN = "of the tests"
pytestmark = [pytest.mark.e2e, pytest.mark.cluster, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def sims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sims]:
    with standing(tmp_path_factory, STACK, "--nodes", "cpu=3") as made:
        yield made


@pytest.fixture(scope="module")
def client(sims: Sims) -> Client:
    made = sims.client(STACK)
    made.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}})
    token = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "token", "namespace": SPACE}}
    made.apply({**token, "stringData": {"auth_token": TOKEN}})
    return made


class Web:
    """The API server's own HTTP, with the token that Ray wants."""

    def __init__(self, config: Config) -> None:
        self._server, self._pool = config.server, urllib3.PoolManager(ssl_context=config.tls)

    def get(self, at: str, token: str) -> tuple[int, bytes]:
        headers = {"x-ray-authorization": f"Bearer {token}"} if token else {}
        answer = self._pool.request("GET", self._server + at, headers=headers)
        return answer.status, answer.data


@pytest.fixture(scope="module")
def web(sims: Sims) -> Web:
    return Web(Config.load(Path(sims.run("kubeconfig", STACK)["kubeconfig"])))


def ray(kind: str, name: str, **spec: Any) -> Object:
    metadata = {"name": name, "namespace": SPACE}
    return {"apiVersion": "ray.io/v1", "kind": kind, "metadata": metadata, "spec": spec}


def cluster() -> Object:
    claim = {"limits": {"cpu": "1", "memory": "2Gi"}, "requests": {"cpu": "100m"}}
    pod = {
        "rayStartParams": {},
        "template": {"spec": {"containers": [{"name": "ray", "image": "r", "resources": claim}]}},
    }
    group = {"groupName": "cpu", "replicas": 1, "minReplicas": 1, "maxReplicas": 1, **pod}
    auth = {"mode": "token", "secretName": "token"}
    return {"rayVersion": "2.52.0", "authOptions": auth, "headGroupSpec": pod, "workerGroupSpecs": [group]}


def job(name: str, entrypoint: str, **more: Any) -> Object:
    more = {"shutdownAfterJobFinishes": True, **more}
    return ray("RayJob", name, entrypoint=entrypoint, rayClusterSpec=cluster(), **more)


def service(name: str) -> Object:
    serve = {"applications": [{"name": "model", "import_path": "a:b", "deployments": [{"name": "Model"}]}]}
    return ray("RayService", name, serveConfigV2=json.dumps(serve), rayClusterConfig=cluster())


def until(holds: Callable[[], Any], seconds: float = 90) -> Any:
    """What it says once it says something."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found


def status(client: Client, found: Object, **wanted: str) -> Any:
    """Of the object, once it is as wanted."""

    def now() -> Any:
        said: dict[str, Any] = (client.get(found) or {}).get("status") or {}
        return said if all(said.get(key) == value for key, value in wanted.items()) else None

    return until(now)


def proxied(name: str) -> str:
    return f"/api/v1/namespaces/{SPACE}/services/{name}:dashboard/proxy"


def refusal(client: Client, found: Object) -> str:
    with pytest.raises(RefusedError) as refused:
        client.apply(found, dry_run=True)
    return refused.value.message


@pytest.mark.parametrize("mode", ["K8sJobMode", "HTTPMode"])
def test_a_job_runs_as_long_as_it_says_and_its_cluster_goes(client: Client, mode: str) -> None:
    made = job(mode.lower(), "sleep 6", submissionMode=mode)
    client.apply(made)
    status(client, made, jobStatus="RUNNING")
    done = status(client, made, jobDeploymentStatus="Complete")
    assert done["jobStatus"] == "SUCCEEDED"
    began, ended = (datetime.fromisoformat(done["rayJobInfo"][key]) for key in ("startTime", "endTime"))
    assert ended - began == timedelta(seconds=6)
    until(lambda: client.get(ray("RayCluster", done["rayClusterName"])) is None)


def test_a_job_that_fails_is_tried_again_by_another_cluster(client: Client) -> None:
    made = job("fails", "exit 3", backoffLimit=1)
    client.apply(made)
    done = status(client, made, jobDeploymentStatus="Failed", jobStatus="FAILED")
    assert done["failed"] == 2


def test_a_service_serves_and_is_deployed_again_when_its_head_is_lost(client: Client, web: Web) -> None:
    made = service("served")
    client.apply(made)
    active = status(client, made, serviceStatus="Running")["activeServiceStatus"]
    assert active["applicationStatuses"]["model"]["serveDeploymentStatuses"] == {"Model": {"status": "HEALTHY"}}
    head = active["rayClusterStatus"]["head"]
    client.ask("DELETE", f"/api/v1/namespaces/{SPACE}/pods/{head['podName']}")
    of = {"labelSelector": f"ray.io/node-type=head,ray.io/cluster={active['rayClusterName']}"}

    def replaced() -> bool:
        heads = client.list_of("v1", "Pod", SPACE, of)
        return bool(heads) and head["podName"] not in [one["metadata"]["name"] for one in heads]

    until(replaced)

    def deployed() -> bool:
        """The new head knows nothing of it, unless it is told again."""
        code, said = web.get(f"{proxied(head['serviceName'])}/api/serve/applications/", TOKEN)
        return code == 200 and json.loads(said)["applications"].get("model", {}).get("status") == "RUNNING"

    until(deployed)


def test_a_dashboard_is_for_those_with_its_token(client: Client, web: Web) -> None:
    made = ray("RayCluster", "closed", **cluster())
    client.apply(made)
    status(client, made, state="ready")
    at = f"{proxied('closed-head-svc')}/api/jobs/"
    assert [web.get(at, token)[0] for token in (TOKEN, "", "another")] == [200, 401, 403]


def test_a_webhook_on_this_machine_is_asked_by_its_service(
    sims: Sims, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FALAJ_HOME", str(sims.home))
    labels = {"of": "tests"}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": SPACE, "labels": labels}}
    service = {"name": "refuses", "namespace": SPACE}
    with webhook(tmp_path, f"refuses.{SPACE}.svc") as (port, authority):
        client.apply({"apiVersion": "v1", "kind": "Service", "metadata": service, "spec": {"ports": [{"port": 443}]}})
        hook = {
            "name": "refuses.falaj.test",
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "clientConfig": {"service": service, "caBundle": b64encode(authority).decode()},
            "rules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
            ],
            "objectSelector": {"matchLabels": labels},
        }
        made = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
        made = {**made, "metadata": {"name": "refuses"}, "webhooks": [hook]}
        client.apply(made)
        until(lambda: f"nothing is simulated at {SPACE}/refuses" in refusal(client, config))
        lead(find(STACK), f"{SPACE}/refuses", port)
        assert WORDS in refusal(client, config)
        client.delete(made)

"""What stands in for Ray's dashboards: what they answer, and what they forget."""

import json
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest

from infra.plan.cluster.client import Client
from infra.plan.cluster.config import Config
from infra.sim.network.cluster import Cluster, Pod
from infra.sim.network.dashboard import DASHBOARD, SERVE, Answer, Dashboard

HEAD = Pod("work", "one", "main", head=True, kept=False, secret=None)
WORKER = replace(HEAD, uid="two", head=False)
SERVED = {"applications": [{"name": "model", "import_path": "a:b"}]}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def dashboard(clock: Clock) -> Dashboard:
    """Of a server that is not there: nothing here has to ask one."""
    nowhere = Config(server="https://127.0.0.1:1", tls=None)
    return Dashboard(Cluster(Client(nowhere)), clock)


def ask(dashboard: Dashboard, pod: Pod, method: str, path: str, body: Any = None, port: int = DASHBOARD) -> Answer:
    return dashboard.answer(pod, port, method, path, "", json.dumps(body).encode() if body else b"")


def test_what_a_head_knows_goes_with_its_pod_unless_it_is_kept_outside(dashboard: Dashboard) -> None:
    for pod in (HEAD, replace(HEAD, cluster="safe", kept=True)):
        ask(dashboard, pod, "POST", "/api/jobs/", {"submission_id": "a", "entrypoint": "sleep 9"})
        ask(dashboard, pod, "PUT", "/api/serve/applications/", SERVED)
        status, jobs = ask(dashboard, replace(pod, uid="new"), "GET", "/api/jobs/")
        _, served = ask(dashboard, replace(pod, uid="new"), "GET", "/api/serve/applications/?api_type=declarative")
        assert status == HTTPStatus.OK
        assert [one["submission_id"] for one in jobs] == (["a"] if pod.kept else [])
        assert list(served["applications"]) == (["model"] if pod.kept else [])


def test_a_job_is_handed_in_once_looked_at_stopped_and_forgotten(dashboard: Dashboard, clock: Clock) -> None:
    said = {"submission_id": "a", "entrypoint": "sleep 9"}
    assert ask(dashboard, HEAD, "POST", "/api/jobs/", said)[1]["job_id"] == "a"
    again = ask(dashboard, HEAD, "POST", "/api/jobs/", said)
    assert again[0] == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "Please use a different submission_id" in again[1]
    clock.now += 5
    assert ask(dashboard, HEAD, "GET", "/api/jobs/a")[1]["status"] == "RUNNING"
    assert ask(dashboard, HEAD, "POST", "/api/jobs/a/stop")[1] == {"stopped": True}
    assert ask(dashboard, HEAD, "GET", "/api/jobs/a")[1]["status"] == "STOPPED"
    assert ask(dashboard, HEAD, "POST", "/api/jobs/a/stop")[1] == {"stopped": False}
    ask(dashboard, HEAD, "DELETE", "/api/jobs/a")
    assert ask(dashboard, HEAD, "GET", "/api/jobs/") == (HTTPStatus.OK, [])


def test_a_worker_is_well_once_its_cluster_serves(dashboard: Dashboard, clock: Clock) -> None:
    def well() -> HTTPStatus:
        return ask(dashboard, WORKER, "GET", "/-/healthz", port=SERVE)[0]

    assert well() == HTTPStatus.SERVICE_UNAVAILABLE
    ask(dashboard, HEAD, "PUT", "/api/serve/applications/", SERVED)
    assert well() == HTTPStatus.SERVICE_UNAVAILABLE
    clock.now += 1
    assert well() == HTTPStatus.OK


def test_there_is_nothing_elsewhere(dashboard: Dashboard) -> None:
    for pod, path, port in ((WORKER, "/api/jobs/", DASHBOARD), (HEAD, "/api/jobs/", 6379), (HEAD, "/nodes", DASHBOARD)):
        assert ask(dashboard, pod, "GET", path, port=port)[0] == HTTPStatus.NOT_FOUND
    assert dashboard.answer(HEAD, DASHBOARD, "PUT", "/api/jobs/", "", b"{")[0] == HTTPStatus.BAD_REQUEST

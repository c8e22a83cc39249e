"""Stands in for the dashboards of all heads of Ray: the part of its HTTP API that KubeRay's operator asks."""

import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from infra.sim.network.cluster import Cluster, Pod
from infra.sim.network.work import Head, Job

DASHBOARD, SERVE = 8265, 8000
Answer = tuple[HTTPStatus, Any]
_JOBS, _APPLICATIONS = "/api/jobs", "/api/serve/applications"
_UNKNOWN: Answer = HTTPStatus.NOT_FOUND, "the simulated head has nothing there"


class Dashboard:
    """What a head knows goes with its pod, unless it is kept outside (GCS fault tolerance)."""

    def __init__(self, cluster: Cluster, clock: Callable[[], float] = time.time) -> None:
        self._cluster, self._clock = cluster, clock
        self._heads: dict[tuple[str, str], Head] = {}
        self._lock = threading.Lock()

    def answer(self, pod: Pod, port: int, method: str, path: str, token: str, body: bytes) -> Answer:
        """To one request at a port of a pod."""
        path = path.partition("?")[0].rstrip("/")
        if port == SERVE and path == "/-/healthz":
            return self._healthy(pod)
        if port != DASHBOARD or not pod.head:
            return _UNKNOWN
        wanted = self._cluster.token(pod)
        if wanted and not token:
            return HTTPStatus.UNAUTHORIZED, "no token"
        if wanted and not hmac.compare_digest(f"Bearer {wanted}".encode(), token.encode()):
            return HTTPStatus.FORBIDDEN, "another token"
        try:
            said = json.loads(body or b"{}")
        except ValueError:
            return HTTPStatus.BAD_REQUEST, "not JSON"
        with self._lock:
            return self._routed(self._head(pod), pod, method, path, said)

    def _head(self, pod: Pod) -> Head:
        key = (pod.namespace, pod.cluster)
        found = self._heads.setdefault(key, Head(pod.uid))
        if found.pod != pod.uid:
            found = self._heads[key] = Head(pod.uid, found.jobs, found.applications) if pod.kept else Head(pod.uid)
        return found

    def _routed(self, head: Head, pod: Pod, method: str, path: str, said: Mapping[str, Any]) -> Answer:
        now = self._clock()
        if path == _APPLICATIONS and method == "PUT":
            head.deploy(said.get("applications") or [], now)
            return HTTPStatus.OK, {}
        if path == _APPLICATIONS and method == "GET":
            return HTTPStatus.OK, {"applications": {name: one.told(now) for name, one in head.applications.items()}}
        if path == _JOBS and method == "GET":
            return HTTPStatus.OK, [one.told(now) for one in head.jobs.values()]
        if path == _JOBS and method == "POST":
            return _submitted(head, said, now)
        if path.startswith(f"{_JOBS}/"):
            name, _, verb = path.removeprefix(f"{_JOBS}/").partition("/")
            job = head.jobs.get(name) or self._handed_in(head, pod, name, now)
            return _of(head, job, method, verb, now) if job else _UNKNOWN
        return _UNKNOWN

    def _handed_in(self, head: Head, pod: Pod, name: str, now: float) -> Job | None:
        """What the submitter's pod, which runs nothing, would have handed in."""
        entrypoint = self._cluster.submitted(pod.namespace, name)
        if entrypoint is None:
            return None
        return head.jobs.setdefault(name, Job(name, entrypoint, now))

    def _healthy(self, pod: Pod) -> Answer:
        """Serve's proxy is well when its cluster serves something."""
        with self._lock:
            head = self._heads.get((pod.namespace, pod.cluster))
        well = head and any(one.running(self._clock()) for one in head.applications.values())
        return (HTTPStatus.OK, "success") if well else (HTTPStatus.SERVICE_UNAVAILABLE, "nothing is served")


def _submitted(head: Head, said: Mapping[str, Any], now: float) -> Answer:
    name = str(said.get("submission_id") or f"raysubmit_{len(head.jobs)}")
    if name in head.jobs:
        return HTTPStatus.INTERNAL_SERVER_ERROR, f"{name} is there already. Please use a different submission_id."
    head.jobs[name] = Job(name, str(said.get("entrypoint", "")), now, said.get("metadata") or {})
    return HTTPStatus.OK, {"job_id": name, "submission_id": name}


def _of(head: Head, job: Job, method: str, verb: str, now: float) -> Answer:
    if (method, verb) == ("GET", ""):
        return HTTPStatus.OK, job.told(now)
    if (method, verb) == ("GET", "logs"):
        return HTTPStatus.OK, {"logs": "simulated: nothing was run\n"}
    if (method, verb) == ("POST", "stop"):
        runs = job.status(now) == "RUNNING"
        job.stopped = now if runs else job.stopped
        return HTTPStatus.OK, {"stopped": runs}
    if (method, verb) == ("DELETE", ""):
        del head.jobs[job.name]
        return HTTPStatus.OK, True
    return _UNKNOWN

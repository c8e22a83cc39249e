"""What a head of Ray was given to do, and how far it is: nothing of it is run."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DEPLOY_SECONDS = 1.0
ENDED = ("SUCCEEDED", "FAILED", "STOPPED")


@dataclass
class Job:
    """Of its entrypoint, `sleep N` and `exit N` are understood: how long it takes, and how it ends."""

    name: str
    entrypoint: str
    began: float
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    stopped: float | None = None

    @property
    def end(self) -> float:
        """When it ends, or ended."""
        naps = re.findall(r"\bsleep (\d+)", self.entrypoint)
        return self.stopped or self.began + sum(map(int, naps))

    def status(self, now: float) -> str:
        if now < self.end:
            return "RUNNING"
        if self.stopped:
            return "STOPPED"
        code = re.search(r"\bexit (\d+)", self.entrypoint)
        return "FAILED" if code and int(code[1]) else "SUCCEEDED"

    def told(self, now: float) -> dict[str, Any]:
        """As Ray's dashboard tells of it."""
        status = self.status(now)
        said = {
            "type": "SUBMISSION",
            "submission_id": self.name,
            "job_id": self.name,
            "entrypoint": self.entrypoint,
            "metadata": dict(self.metadata),
            "status": status,
            "message": f"simulated: {status.lower()}",
            "start_time": int(self.began * 1000),
        }
        return {**said, "end_time": int(self.end * 1000)} if status in ENDED else said


@dataclass(frozen=True)
class Application:
    """What Ray Serve was told to serve, and when."""

    config: Mapping[str, Any]
    began: float

    def running(self, now: float) -> bool:
        return now >= self.began + DEPLOY_SECONDS

    def told(self, now: float) -> dict[str, Any]:
        """As Ray's dashboard tells of it."""
        running = self.running(now)
        state = "HEALTHY" if running else "UPDATING"
        parts: Sequence[Mapping[str, Any]] = self.config.get("deployments") or []
        return {
            "name": self.config.get("name", "default"),
            "route_prefix": self.config.get("route_prefix", "/"),
            "status": "RUNNING" if running else "DEPLOYING",
            "message": "simulated",
            "deployments": {one["name"]: {"name": one["name"], "status": state} for one in parts},
        }


@dataclass
class Head:
    """The memory of one head."""

    pod: str
    """Its uid."""
    jobs: dict[str, Job] = field(default_factory=dict[str, Job])
    applications: dict[str, Application] = field(default_factory=dict[str, Application])

    def deploy(self, configs: Sequence[Mapping[str, Any]], now: float) -> None:
        """Serve just these; what is the same as before goes on."""
        before = self.applications
        made = {str(one.get("name", "default")): Application(one, now) for one in configs}
        self.applications = {
            name: before[name] if name in before and before[name].config == one.config else one
            for name, one in made.items()
        }

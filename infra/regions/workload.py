"""A bundled workload in a region's cluster: its command or application, and the platform's file that it reads."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Text
from components.kubernetes import tracking
from components.kubernetes.context import Context
from components.kubernetes.ray_group import PORTS, Mount
from infra.catalog.workloads import training
from infra.checks.workloads import trainers
from infra.settings import ClusterStack
from infra.settings.ray import Found, RayJob, RayService

FOLDER = "/var/lib/falaj"
"""The volume: `store`, `keys`, `gate` and `scratch` in it, as `falaj up` lays them out on one machine."""
SECRETS = "/etc/falaj"
PLATFORM = f"{FOLDER}/platform.json"
APPLICATION = "workloads.lib.serve.application:build"


@dataclass(frozen=True, kw_only=True)
class Hosted:
    """A job or service that runs one."""

    name: str
    workload: str
    one: RayJob | RayService
    context: Context
    namespace: Text
    token: Text

    def around(self, settings: ClusterStack, found: Found, opts: pulumi.ResourceOptions | None) -> dict[str, Any]:
        """Arguments of its cluster: what it mounts, and the ConfigMap that it waits for."""
        text = json.dumps(self.platform(settings, found), indent=1)
        # Another platform is another ConfigMap, and so other pods.
        called = f"{self.name}-platform-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        made = kubernetes.core.v1.ConfigMap(
            f"{self.name}-platform",
            metadata=self.context.meta(called, self.namespace, app=self.name),
            immutable=True,
            data={"platform.json": text},
            opts=opts,
        )
        return {"mounts": self._mounts(called, found), "after": [made]}

    def platform(self, settings: ClusterStack, found: Found) -> dict[str, Any]:
        """What `workloads.lib.platform` reads."""
        cpus, memory_gib = self._trained_on()
        return {
            "schema": 1,
            "stack": self.context.stack,
            **settings.model_dump(include={"kind", "profile", "jurisdiction", "regimes"}),
            "passphrase_file": f"{SECRETS}/passphrase",
            "keys": {"path": f"{FOLDER}/keys/key_ring.json", "id": found.ring},
            "store": {"path": f"{FOLDER}/store"},
            "decision": {
                "url": found.decision.url,
                "token_file": f"{SECRETS}/decision",
                "bundle_digest": found.decision.bundle,
            },
            "decision_log": f"{FOLDER}/gate/decisions.jsonl",
            "tracking": {"url": tracking.URL},
            "ray": {
                "address": "auto",  # a job's cluster has another name each time; Ray tells its drivers
                "dashboard": f"http://127.0.0.1:{PORTS['dashboard']}",
                "token_file": f"{SECRETS}/ray_token",
                "cpus": cpus,
                "memory_gib": memory_gib,
                "serve": {"host": "127.0.0.1", "port": PORTS["serve"]},
            },
        }

    @property
    def entrypoint(self) -> str:
        """A job's command."""
        return f"python -m workloads.{self.workload} --platform {PLATFORM}"

    def serve(self, model: str | None) -> dict[str, Any]:
        """A service's configuration: replicas as many as workers, none on the head, which has no core for them."""
        scale = {"cpus": 1, "max": sum(group.max for group in self.one.groups.values())}
        arguments = {"platform": PLATFORM, "name": self.workload, "model": model, "scale": scale}
        application = {"name": self.workload, "route_prefix": f"/{self.workload}", "import_path": APPLICATION}
        return {"applications": [{**application, "args": arguments}]}

    def _trained_on(self) -> tuple[int, float]:
        """(cores of all workers that train, GiB of each); of a service, whose workers train nothing, of its first."""
        if isinstance(self.one, RayService):
            group = next(iter(self.one.groups.values()))
            return int(group.cpu), group.memory_gib
        wanted = training(self.workload)
        group = max(trainers(self.one, wanted).values(), key=lambda found: found.max)
        return int(group.cpu) * min(group.max, wanted.workers.max), group.memory_gib

    def _mounts(self, called: str, found: Found) -> list[Mount]:
        secrets: list[Mapping[str, Any]] = [
            _part(found.secret, {"passphrase": "passphrase", "decision": "decision"}),
            _part(self.token, {"auth_token": "ray_token"}),
        ]
        volume = {"persistentVolumeClaim": {"claimName": found.volume}}
        file = {"configMap": {"name": called}}
        return [
            Mount(name="falaj", source=volume, path=FOLDER, read_only=False),
            Mount(name="falaj-platform", source=file, path=PLATFORM, file="platform.json"),
            Mount(name="falaj-secrets", source={"projected": {"sources": secrets}}, path=SECRETS),
        ]


def _part(secret: Text, keys: Mapping[str, str]) -> dict[str, Any]:
    return {"secret": {"name": secret, "items": [{"key": key, "path": path} for key, path in keys.items()]}}

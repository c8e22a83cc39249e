"""The platform a workload runs on: `platform.json`, written by `falaj up`, read here and nowhere else.

Imports nothing heavy: it is read before a workload knows whether it has anything to do.
"""

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.errors import FalajError
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Keys(_Model):
    """The key ring: its file and the id it must have."""

    path: Path
    id: str


class Store(_Model):
    """The encrypted object store's folder."""

    path: Path


class OnlineFile(_Model):
    """The online features in a file, on one machine."""

    path: Path


class OnlineServer(_Model):
    """The online features on Valkey or Redis, over TLS."""

    host: str
    port: int
    user: str
    password_file: Path | None = None
    authority: Path | None = None


class Decision(_Model):
    """The decision server of the release gate."""

    url: str
    token_file: Path
    bundle_digest: str


class Tracking(_Model):
    """The MLflow server."""

    url: str


class Lineage(_Model):
    """An OpenLineage collector, whose endpoint takes one event a POST (Marquez: `…/api/v1/lineage`)."""

    url: str


class Serve(_Model):
    """Where Ray Serve listens."""

    host: str
    port: int


class Ray(_Model):
    """The Ray runtime: addresses, token, and what it may use."""

    address: str
    """`host:port`; `auto` in a cluster of Kubernetes, where Ray tells its own drivers and workers."""
    dashboard: str
    token_file: Path
    cpus: int
    memory_gib: float
    serve: Serve


class Platform(_Model):
    """What `falaj up` leaves for workloads."""

    version: Literal[1] = Field(alias="schema")
    stack: str
    kind: Literal["region", "tenant"]
    profile: str
    jurisdiction: str
    regimes: list[str]
    passphrase_file: Path
    keys: Keys
    store: Store
    decision: Decision
    tracking: Tracking
    ray: Ray
    decision_log: Path
    online: OnlineFile | OnlineServer | None = None
    """Where features are looked up that a request leaves out; without it, requests bring them all."""
    lineage: Lineage | None = None
    """Where lineage events are sent on to; they stay in the store either way."""

    @classmethod
    def load(cls, path: Path) -> "Platform":
        """Read and check the file: WRK-001 when it is missing or not what `falaj up` writes."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise FalajError("WRK-001", str(path), f"it cannot be read: {error.strerror}") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise FalajError("WRK-001", str(path), f"{where}: {first['msg']}") from error

    def open_store(self) -> ObjectStore:
        """The encrypted store, opened with the platform's own key ring and passphrase."""
        try:
            passphrase = self.passphrase_file.read_bytes().strip()
        except OSError as error:
            raise FalajError("STO-003", str(self.passphrase_file), f"no passphrase: {error.strerror}") from error
        ring = KeyRing.open(self.keys.path, passphrase)
        if ring.id != self.keys.id:
            raise FalajError("STO-006", str(self.keys.path), f"it is ring {ring.id}, the platform's is {self.keys.id}")
        return ObjectStore.open(self.store.path, ring)

    def client_environment(self) -> dict[str, str]:
        """What a client of this platform sets before it imports ray or mlflow: the token's file, telemetry off.

        OpenMP threads sleep while they wait: spinning ones multiply a run's time when the cores are shared.
        """
        return {
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(self.ray.token_file),
            # A loopback address stays one; else Ray takes it for the machine's outer address.
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0" if self.ray.address.startswith("127.") else "1",
            "RAY_USAGE_STATS_ENABLED": "0",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "1",
            "OMP_WAIT_POLICY": "PASSIVE",
        }

    def enter(self) -> None:
        """Apply `client_environment` to this process."""
        os.environ.update(self.client_environment())

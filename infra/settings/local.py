"""The settings of a stack on this machine."""

import os
from typing import Annotated, Literal

from pydantic import Field

from infra.settings.base import Stack
from infra.settings.strict import Mib, Port, Strict

Auth = Literal["token", "none"]


class Keys(Strict):
    """The key that wraps every data key."""

    generation: Annotated[int, Field(ge=1, le=1000)] = 1
    """Key versions. Raise it by one to rotate; older objects stay readable."""


class Store(Strict):
    """The object store."""

    encryption: Literal["AES-256-GCM", "none"] = "AES-256-GCM"
    """How objects are sealed. The gate allows AES-256-GCM only."""


class Logs(Strict):
    """Logs of the supervised servers."""

    max_mib: Annotated[int, Field(ge=1, le=1024)] = 10
    """A log is rotated at this size, MiB."""
    backups: Annotated[int, Field(ge=1, le=100)] = 3
    """Rotated logs kept of each server."""


class Server(Strict):
    """A server on this machine."""

    bind: str = "127.0.0.1"
    """Address to listen on. The gate allows loopback only."""


class Decision(Server):
    """The decision server (OPA)."""

    port: Port = 8181
    """Its port."""
    auth: Auth = "token"
    """`token`, or `none`, which the gate refuses."""
    memory_mib: Mib = 256
    """Soft limit of its heap, MiB."""


class Tracking(Server):
    """The tracking server (MLflow)."""

    port: Port = 5000
    """Its port."""
    memory_mib: Annotated[int, Field(ge=512, le=65536)] = 2048
    """Most private memory each of its processes may take, MiB."""


class Ray(Server):
    """The Ray runtime."""

    port: Port = 6379
    """The head's control store."""
    dashboard_port: Port = 8265
    """The dashboard."""
    agent_port: Port = 52365
    """The dashboard's agent."""
    client_port: Port = 10001
    """Ray Client."""
    serve_port: Port = 8000
    """Where Ray Serve answers predictions."""
    auth: Auth = "token"
    """`token`, or `none`, which the gate refuses."""
    cpus: Annotated[int, Field(ge=1, le=1024)] | Literal["all"] = "all"
    """Cores that tasks may claim together; `all` is every core of the machine."""
    memory_gib: Annotated[float, Field(gt=0, le=65536)] = 4
    """Heap that tasks may claim together, GiB."""
    object_store_gib: Annotated[float, Field(ge=0.1, le=65536)] = 1
    """Shared memory for objects, GiB; never spilled to disk."""


class LocalStack(Stack):
    """This machine."""

    target: Literal["local"]
    """Where it runs: this machine."""
    keys: Keys = Keys()
    store: Store = Store()
    logs: Logs = Logs()
    decision: Decision = Decision()
    tracking: Tracking = Tracking()
    ray: Ray = Ray()

    @property
    def cpus(self) -> int:
        """Cores Ray gets."""
        return (os.cpu_count() or 1) if self.ray.cpus == "all" else self.ray.cpus

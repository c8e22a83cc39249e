"""The Ray runtime: one head on loopback, every call with a token, within the limits of the stack file."""

import os
import shutil
import sys
from pathlib import Path

import psutil
from pydantic import Field

from components.local import processes
from components.local.processes import Program
from components.local.resource import Properties
from components.local.server import Auth, Port, Server, ServerInputs, ServerKind, token_file
from infra.errors import FalajError

GIB = 1 << 30
LOG_BYTES = 10 << 20
PROXY_HEALTH = {"RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S": "1", "RAY_SERVE_PROXY_HEALTH_CHECK_TIMEOUT_S": "5"}
"""Serve asks its proxy every ten seconds by itself; a dead one was noticed after twenty, with the port closed."""


class RayRuntimeInputs(ServerInputs):
    """Of the head. `port` is its control store's (GCS)."""

    auth: Auth
    dashboard_port: Port
    agent_port: Port = 52365
    """Of the dashboard's agent on the node."""
    client_port: Port = 10001
    """Of Ray Client."""
    serve_port: Port
    """Where the workloads' Ray Serve listens; nothing does until one is deployed."""
    cpus: int = Field(ge=1, le=1024)
    """Cores that tasks and actors may claim together."""
    memory_gib: float = Field(gt=0, le=65536)
    """Heap that tasks and actors may claim together, GiB."""
    object_store_gib: float = Field(ge=0.1, le=65536)
    """Shared memory for objects, GiB. Objects are never spilled to disk, where they would lie in the clear."""


class RayRuntimeKind(ServerKind[RayRuntimeInputs]):
    """A supervised `ray start --head`."""

    type_name = "falaj:local:RayRuntime"
    schema = RayRuntimeInputs
    outputs = (*ServerKind.outputs, "address", "token_file")
    name = "ray"

    def ports(self, inputs: RayRuntimeInputs) -> dict[str, int]:
        names = ("port", "dashboard_port", "agent_port", "client_port", "serve_port")
        return {name: getattr(inputs, name) for name in names}

    def check(self, inputs: RayRuntimeInputs) -> None:
        cores, memory = os.cpu_count() or 1, psutil.virtual_memory().total / GIB
        if inputs.cpus > cores:
            fix = f"Set falaj:ray.cpus to {cores} or less, or to `all`."
            raise FalajError(
                "LOC-007", "falaj:ray.cpus", f"{inputs.cpus} cores are asked for, this machine has {cores}", fix
            )
        if (wanted := inputs.memory_gib + inputs.object_store_gib) > memory:
            fix = "Lower falaj:ray.memory_gib or falaj:ray.object_store_gib."
            problem = f"{wanted:g} GiB are asked for with the object store, this machine has {memory:.1f}"
            raise FalajError("LOC-007", "falaj:ray.memory_gib", problem, fix)
        super().check(inputs)

    def program(self, inputs: RayRuntimeInputs) -> Program:
        sockets = processes.runtime(Path(inputs.supervisor)) / "ray"
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block"]
        command += [f"--node-ip-address={inputs.bind}", f"--port={inputs.port}"]
        command += [f"--dashboard-host={inputs.bind}", f"--dashboard-port={inputs.dashboard_port}"]
        command += [f"--dashboard-agent-listen-port={inputs.agent_port}"]
        command += [f"--ray-client-server-port={inputs.client_port}"]
        command += [f"--num-cpus={inputs.cpus}", f"--memory={int(inputs.memory_gib * GIB)}"]
        command += [f"--object-store-memory={int(inputs.object_store_gib * GIB)}", f"--temp-dir={sockets}"]
        command += ['--system-config={"automatic_object_spilling_enabled":false}']
        auth = {"RAY_AUTH_MODE": inputs.auth, "RAY_AUTH_TOKEN_PATH": str(token_file(inputs.path))}
        if inputs.auth == "none":
            auth = {"RAY_AUTH_MODE": "disabled"}
        return Program(
            name=self.name,
            command=command,
            environment={
                # Without it Ray takes 127.0.0.1 for the machine's outer address and opens every port there.
                "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
                # HAProxy would bind every interface.
                "RAY_SERVE_ENABLE_HA_PROXY": "0",
                **PROXY_HEALTH,
                "RAY_USAGE_STATS_ENABLED": "1" if inputs.telemetry else "0",
                "RAY_ROTATION_MAX_BYTES": str(LOG_BYTES),
                "RAY_ROTATION_BACKUP_COUNT": "3",
                # Ray's processes rename themselves; this keeps their environment, by which they are found.
                "SPT_NOENV": "1",
                # Threads that spin while they wait starve everything else on a small machine.
                "OMP_WAIT_POLICY": "PASSIVE",
                "MLFLOW_DISABLE_TELEMETRY": "true",
                "DO_NOT_TRACK": "1",
                **auth,
            },
            health=[
                f"http://{inputs.bind}:{inputs.dashboard_port}/api/gcs_healthz",
                f"http://{inputs.bind}:{inputs.agent_port}/api/local_raylet_healthz",
            ],
            start_seconds=120,
        )

    def create(self, inputs: RayRuntimeInputs) -> tuple[str, Properties]:
        supervisor = Path(inputs.supervisor)
        if processes.status(supervisor, self.program(inputs))[0] != "running":
            # Sessions of killed heads: their logs and sockets are of no use to the next one.
            processes.remove(supervisor, self.name)
            shutil.rmtree(processes.runtime(supervisor) / "ray", ignore_errors=True)
        return super().create(inputs)

    def _outputs(self, inputs: RayRuntimeInputs) -> Properties:
        outputs = super()._outputs(inputs)
        outputs |= {"url": f"http://{inputs.bind}:{inputs.dashboard_port}", "address": f"{inputs.bind}:{inputs.port}"}
        return {**outputs, "token_file": str(token_file(inputs.path))}


class RayRuntime(Server):
    """Where workloads train and serve."""

    kind = RayRuntimeKind

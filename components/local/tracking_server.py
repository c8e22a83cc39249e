"""The tracking server: MLflow on SQLite. It shows runs and metrics; models and data stay in the object store."""

import sys
from pathlib import Path

from pydantic import Field

from components.local.processes import Program
from components.local.server import Server, ServerInputs, ServerKind


class TrackingServerInputs(ServerInputs):
    """Of MLflow."""

    memory_mib: int = Field(ge=512, le=65536)
    """Most private memory each of its processes may take, MiB."""


class TrackingServerKind(ServerKind[TrackingServerInputs]):
    """One MLflow server with its database beside it."""

    type_name = "falaj:local:TrackingServer"
    schema = TrackingServerInputs
    name = "tracking"

    def program(self, inputs: TrackingServerInputs) -> Program:
        folder, authority = Path(inputs.path), f"{inputs.bind}:{inputs.port}"
        command = [sys.executable, "-m", "mlflow", "server", "--host", inputs.bind, "--port", str(inputs.port)]
        command += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--workers", "1"]
        command += ["--artifacts-destination", str(folder / "artifacts")]
        # Refusing other Host headers keeps web pages from reaching a loopback server through DNS.
        command += ["--allowed-hosts", f"{authority},localhost:{inputs.port}"]
        quiet = {} if inputs.telemetry else {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
        return Program(
            name=self.name,
            command=command,
            environment={
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
                "MLFLOW_ENABLE_AI_GATEWAY": "false",  # it would pass prompts on to model makers abroad
                "PYTHONUNBUFFERED": "1",
                **quiet,
            },
            data_mib=inputs.memory_mib,
            health=[f"http://{authority}/health"],
            start_seconds=120,
        )


class TrackingServer(Server):
    """Where runs, parameters and metrics can be looked at."""

    kind = TrackingServerKind

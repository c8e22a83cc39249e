"""The process supervisor (supervisord): keeps every server of the target running, and their logs rotated."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pulumi
from pydantic import Field

from components.local import processes
from components.local.resource import Inputs, LocalResource, Properties, RunningKind
from infra.errors import FalajError

START_SECONDS = 20

CONFIG = """\
[supervisord]
pidfile={folder}/supervisord.pid
logfile={folder}/supervisord.log
logfile_maxbytes={log_max_mib}MB
logfile_backups={log_backups}
umask=077

[unix_http_server]
file={socket}
chmod=0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[include]
files={folder}/programs/*.ini
"""


class SupervisorInputs(Inputs):
    """Of the supervisor's folder."""

    path: str = Field(pattern="^/")
    log_max_mib: int = Field(ge=1, le=1024)
    """Size at which a log file is rotated, MiB."""
    log_backups: int = Field(ge=1, le=100)
    """Rotated files kept of each log."""


class SupervisorKind(RunningKind[SupervisorInputs]):
    """One supervisord, reached over a socket that only its user can open."""

    type_name = "falaj:local:Supervisor"
    schema = SupervisorInputs
    outputs = ("status",)

    def create(self, inputs: SupervisorInputs) -> tuple[str, Properties]:
        folder = Path(inputs.path)
        (folder / "programs").mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / "limits.json").write_text(inputs.model_dump_json(include={"log_max_mib", "log_backups"}))
        config = folder / "supervisord.conf"
        config.write_text(CONFIG.format(folder=folder, socket=processes.socket(folder), **inputs.model_dump()))
        processes.configure(folder)
        if not processes.alive(folder):
            processes.sweep(folder)  # what a killed supervisor left would hold the ports
            command = [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(config)]
            environment = processes.environment(folder)
            started = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
            deadline = time.monotonic() + START_SECONDS
            while not processes.alive(folder):
                if started.returncode or time.monotonic() > deadline:
                    said = (started.stdout + started.stderr).strip().splitlines()[-1:] or ["nothing"]
                    raise FalajError("LOC-004", str(config), f"supervisord did not start; it said: {said[0]}")
                time.sleep(0.1)
        return inputs.path, {"status": "running"}

    def read(self, inputs: SupervisorInputs, outputs: Properties) -> Properties | None:
        if not Path(inputs.path).exists():
            return None
        return {"status": "running" if processes.alive(Path(inputs.path)) else "dead"}

    def update(self, old: SupervisorInputs, new: SupervisorInputs) -> Properties:
        if old != new and processes.alive(Path(new.path)):
            processes.shut_down(Path(new.path))
        return self.create(new)[1]

    def delete(self, inputs: SupervisorInputs) -> None:
        folder = Path(inputs.path)
        processes.shut_down(folder)
        processes.sweep(folder)
        processes.clear_runtime(folder)
        shutil.rmtree(folder, ignore_errors=True)


class Supervisor(LocalResource):
    """Runs the servers, restarts them, rotates their logs."""

    kind = SupervisorKind

    def __init__(self, name: str, path: Path, log_max_mib: int, log_backups: int, opts: pulumi.ResourceOptions) -> None:
        super().__init__(name, {"path": str(path), "log_max_mib": log_max_mib, "log_backups": log_backups}, opts)

"""What the three servers of the local target have in common: a supervised program on loopback ports."""

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal, TypeVar

import pulumi
from pydantic import Field

from components.local import processes
from components.local.resource import Inputs, LocalResource, Properties, RunningKind
from infra.errors import FalajError
from workloads.lib import durable

Port = Annotated[int, Field(ge=1024, le=65535)]
Auth = Literal["token", "none"]
TOKEN_BYTES = 32
RESTARTED = "restarted by the supervisor"
"""Well again, but what it held in memory is lost: drift until the next `up`."""


class ServerInputs(Inputs):
    """Of every server."""

    supervisor: str = Field(pattern="^/")
    """The supervisor's folder."""
    path: str = Field(pattern="^/")
    """The server's own folder."""
    bind: str
    """Address it listens on. The gate allows loopback only."""
    port: Port
    telemetry: bool
    """Whether the server may report its usage to its makers."""


S = TypeVar("S", bound=ServerInputs)


class ServerKind(RunningKind[S]):
    """A server: check its ports, run it, look whether it is well, take it away."""

    outputs = ("url", "status", "pid")
    replaced_by = ("supervisor", "path")

    name: ClassVar[str]
    """Of its program, its folder and its log."""

    def program(self, inputs: S) -> processes.Program:
        """How it is run."""
        raise NotImplementedError

    def ports(self, inputs: S) -> dict[str, int]:
        """Every fixed port it takes, by the input that sets it."""
        return {"port": inputs.port}

    def check(self, inputs: S) -> None:
        ports = self.ports(inputs)
        for setting, port in ports.items():
            if holder := processes.holder(Path(inputs.supervisor), port):
                fix = f"Stop {holder}, or set falaj:{self.name}.{setting} in the stack file to a free port."
                raise FalajError("LOC-001", f"falaj:{self.name}.{setting}", f"port {port} is taken by {holder}", fix)

    def create(self, inputs: S) -> tuple[str, Properties]:
        Path(inputs.path).mkdir(parents=True, exist_ok=True, mode=0o700)
        self.check(inputs)
        processes.run(Path(inputs.supervisor), self.program(inputs))
        return f"{inputs.supervisor}:{self.name}", self._outputs(inputs)

    def read(self, inputs: S, outputs: Properties) -> Properties | None:
        if not Path(inputs.path).exists():
            return None
        now = self._outputs(inputs)
        restarted = outputs.get("status") not in (None, "running") or outputs.get("pid") not in (None, now["pid"])
        # What was seen while it came back has its new pid already, and not yet its health.
        if now["status"] == "running" and restarted:
            now["status"] = RESTARTED
        return now

    def delete(self, inputs: S) -> None:
        processes.remove(Path(inputs.supervisor), self.name)
        shutil.rmtree(inputs.path, ignore_errors=True)

    def _outputs(self, inputs: S) -> Properties:
        status, pid = processes.status(Path(inputs.supervisor), self.program(inputs))
        return {"url": f"http://{inputs.bind}:{inputs.port}", "status": status, "pid": pid}


class Server(LocalResource):
    """A server, as a program declares it; `settings` are the inputs of its kind."""

    def __init__(
        self,
        name: str,
        path: Path,
        supervisor: LocalResource,
        settings: Mapping[str, object],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, {"path": str(path), "supervisor": supervisor.output("path"), **settings}, opts)


def token_file(folder: str) -> Path:
    """The server's token file, made on first use: 256 random bits, readable by its owner only."""
    path = Path(folder) / "token"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        durable.write(path, secrets.token_hex(TOKEN_BYTES).encode())
    return path

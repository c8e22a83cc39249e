"""The decision server: OPA with the policy packs loaded, asked by the workloads' release gate."""

import shutil

from pydantic import Field

from components.local.processes import Program
from components.local.resource import Properties
from components.local.server import Auth, Server, ServerInputs, ServerKind, token_file
from infra.errors import FalajError


class DecisionServerInputs(ServerInputs):
    """Of OPA."""

    auth: Auth
    bundle: str = Field(pattern="^/")
    """Folder with the packs to load."""
    bundle_digest: str
    """Digest of the packs; another one restarts the server with the new packs."""
    memory_mib: int = Field(ge=64, le=65536)
    """Soft limit of its heap (GOMEMLIMIT), MiB."""


class DecisionServerKind(ServerKind[DecisionServerInputs]):
    """OPA on loopback, every question with a token."""

    type_name = "falaj:local:DecisionServer"
    schema = DecisionServerInputs
    outputs = (*ServerKind.outputs, "token_file")
    name = "decision"

    def program(self, inputs: DecisionServerInputs) -> Program:
        opa = shutil.which("opa")
        if not opa:
            raise FalajError("TOOL-001", "opa", "it is not on PATH")
        command = [opa, "run", "--server", "--addr", f"{inputs.bind}:{inputs.port}", "--bundle", inputs.bundle]
        command += ["--log-level", "error"]
        if inputs.auth == "token":
            command += ["--authentication=token", "--authorization=basic"]
        if not inputs.telemetry:
            command += ["--skip-version-check"]
        return Program(
            name=self.name,
            command=command,
            environment={"GOMEMLIMIT": f"{inputs.memory_mib}MiB", "FALAJ_BUNDLE_DIGEST": inputs.bundle_digest},
            secrets={"FALAJ_OPA_TOKEN": str(token_file(inputs.path))},
            health=[f"http://{inputs.bind}:{inputs.port}/health"],
        )

    def _outputs(self, inputs: DecisionServerInputs) -> Properties:
        return {**super()._outputs(inputs), "token_file": str(token_file(inputs.path))}


class DecisionServer(Server):
    """Answers `may this model be released?`."""

    kind = DecisionServerKind

"""The engine for the little stack, whose state begins on this machine and ends in the bucket that it makes."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.bootstrap import facts
from infra.engine import Engine, replace
from infra.settings import AwsStack


@dataclass(frozen=True, kw_only=True)
class Bootstrap(Engine):
    """The engine for the stack that prepares the account and region of the stack `of`."""

    project: Path = Path(__file__).parent
    of: str
    settings: AwsStack
    extra: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the engine's environment has besides."""

    def environment(self) -> dict[str, str]:
        """As any stack's, and what was given besides."""
        return {**super().environment(), **self.extra}

    def at(self, backend: str) -> "Bootstrap":
        """The same stack in another backend."""
        return dataclasses.replace(self, extra={**self.extra, "PULUMI_BACKEND_URL": backend})

    def left(self) -> dict[str, Any] | None:
        """The deployment that this backend has, if it can be reached and has any."""
        found = self._run("stack", "export", "--stack", self.stack, cwd=self._aside("elsewhere"))
        return None if found.returncode else json.loads(found.stdout)["deployment"]

    def take(self, deployment: Mapping[str, Any], secrets: str) -> None:
        """Go on from that deployment; `secrets` seals those of the stack, if it is a new one here."""
        cwd = self._aside("elsewhere")
        self._pulumi("stack", "select", self.stack, "--create", "--secrets-provider", secrets, cwd=cwd)
        # It has no secret, so what sealed none elsewhere is not to be asked here.
        bare = {name: value for name, value in deployment.items() if name != "secrets_providers"}
        replace(cwd / "state.json", json.dumps({"version": 3, "deployment": bare}))
        self._pulumi("stack", "import", "--force", "--stack", self.stack, "--file", str(cwd / "state.json"), cwd=cwd)

    def _settings(self) -> str:
        return facts.config(self.of, self.settings)

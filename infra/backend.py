"""Which engine a stack has: one whose state is on this machine, or one whose state is in its own country's cloud."""

import importlib.util
import json
from dataclasses import dataclass
from typing import Any

from infra.engine import Engine
from infra.errors import FalajError
from infra.settings import AwsStack, KubernetesStack, RegionStack, load, stack_file
from policies.gate.about import secrets_provider

_SDKS = {"aws": "pulumi_aws", "kubernetes": "pulumi_kubernetes"}


def engine_of(stack: str) -> Engine:
    """The engine for a stack, as its file says. CFG-001 to CFG-006 as `load`; TOOL-001 without its packages."""
    settings = load(stack_file(stack))
    sdk = _SDKS.get(settings.target)
    if sdk and importlib.util.find_spec(sdk) is None:
        raise FalajError("TOOL-001", f"stack {stack}", "the extra `clouds` is not installed", "Run `make setup`.")
    backend, seal = where(settings)
    if not backend:
        return Engine(stack)
    # A given cluster's state is sealed as its file says, which the gate has read.
    return RemoteEngine(stack, backend=backend, seal=seal or secrets_provider(stack))


def where(settings: RegionStack) -> tuple[str, str]:
    """URLs of where a stack's state is kept and of what seals its secrets, "" for what its file says.

    `("", "passphrase")` for this machine.
    """
    if isinstance(settings, KubernetesStack) and settings.state:
        return settings.state.backend, ""
    if not isinstance(settings, AwsStack):
        return "", "passphrase"
    from components.aws import state_backend
    from infra.bootstrap import facts

    context = facts.context(settings)
    return state_backend.backend_url(context), state_backend.secrets_provider(context)


@dataclass(frozen=True)
class RemoteEngine(Engine):
    """An engine whose state is in a bucket: `falaj bootstrap aws` makes the bucket and the key."""

    backend: str = ""
    seal: str = "passphrase"

    def environment(self) -> dict[str, str]:
        """As any stack's, with its backend; the clouds' own providers are fetched when they are missing."""
        online = {"PULUMI_BACKEND_URL": self.backend, "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "false"}
        return {**super().environment(), **online, **self.added}

    def exists(self) -> bool:
        """Whether the stack has a state."""
        listed = json.loads(self._pulumi("stack", "ls", "--json", cwd=self._aside("aside")))
        return any(item["name"].rsplit("/", 1)[-1] == self.stack for item in listed)

    def _state(self) -> dict[str, Any]:
        if not self.exists():
            return {}
        return (
            json.loads(self._pulumi("stack", "export", "--stack", self.stack, cwd=self._aside("aside")))["deployment"]
            or {}
        )

    def _recover(self) -> None:
        """End what a killed run of this machine left; a lock in the bucket may be another's, and is left alone."""
        self._end_ours()

    def _write_config(self) -> None:
        """The tracked stack file. What seals secrets, the engine finds in the state."""
        if not self.exists():
            self._pulumi("stack", "init", self.stack, "--secrets-provider", self.seal, cwd=self._aside("aside"))
        theirs = ("encryptionsalt:", "secretsprovider:", "encryptedkey:")
        lines = [line for line in self._settings().splitlines() if not line.startswith(theirs)]
        self.config_file.write_text("\n".join([*lines, ""]))

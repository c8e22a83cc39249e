"""Which stack a question is about, and what is allowed there: from the stack's settings and its surroundings."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import TypeAdapter

from infra import yaml_text
from infra.home import PROJECT, stacks
from policies.gate import params
from policies.gate.document import Stack


def of_settings(
    settings: Mapping[str, Any],
    *,
    name: str,
    project: str = "falaj",
    dry_run: bool,
    author: str = "",
    backend: str = "",
) -> tuple[Stack, dict[str, Any]]:
    """The stack and its parameters, from what stands below `falaj:` in its file. What is missing is read strictest.

    Raises GATE-019 for a jurisdiction, regime or limit that is none, ValueError for a setting of another shape.
    """
    named = TypeAdapter(list[str]).validate_python(settings.get("regimes") or [])
    stack = Stack(
        name=name,
        project=project,
        kind=settings.get("kind", "region"),
        profile=settings.get("profile", "prod"),
        jurisdiction=settings.get("jurisdiction", ""),
        regimes=named,
        regime=params.route(named),
        data_class=settings.get("data_class", ""),
        lawful_basis=settings.get("lawful_basis", ""),
        tenant=settings.get("tenant"),
        backend=backend or state_backend(),
        secrets_provider=secrets_provider(name),
        author=author,
        dry_run=dry_run,
    )
    return stack, params.resolve(stack.jurisdiction, named, settings.get("policy") or {})


SIMULATED = "FALAJ_SIMULATED"
"""Names the backend of the stack that is simulated, to the engine that applies it onto a simulated region."""
_CLOUDS = frozenset({"aws", "azure-native", "kubernetes"})


def is_simulated() -> bool:
    """Whether this engine only pretends: a plan provider stands in for every cloud, and nothing of one is touched."""
    pairs = os.environ.get("PULUMI_DEBUG_PROVIDERS", "").split(",")
    return SIMULATED in os.environ and {pair.split(":")[0] for pair in pairs} >= _CLOUDS


def state_backend() -> str:
    """Where the engine keeps its state: as it is told by its environment, the project or its last login.

    Of a simulated region, where the state of the real one is: nothing in the simulated one is anybody's data.
    """
    if is_simulated():
        return os.environ[SIMULATED]
    if url := os.environ.get("PULUMI_BACKEND_URL"):
        return url
    stated: Any = _yaml(PROJECT / "Pulumi.yaml").get("backend")
    if isinstance(stated, dict) and (url := cast("dict[str, Any]", stated).get("url")):
        return str(url)
    pulumi = Path(os.environ.get("PULUMI_HOME", Path.home() / ".pulumi"))
    return str(_yaml(pulumi / "credentials.json").get("current", ""))


def secrets_provider(stack: str) -> str:
    """What seals the stack's secrets: the URL in its file, or `passphrase`."""
    file = os.environ.get("PULUMI_OPTION_CONFIG_FILE") or stacks() / f"Pulumi.{stack}.yaml"
    return str(_yaml(Path(file)).get("secretsprovider", "passphrase"))


def author() -> str:
    """Whose change this is: `$FALAJ_AUTHOR` (set it in CI), or the author of the commit that is checked out."""
    if named := os.environ.get("FALAJ_AUTHOR"):
        return named
    try:
        command = ["git", "-C", str(PROJECT), "log", "-1", "--format=%ae"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def scalar(text: str) -> Any:
    """A setting as it was meant: Pulumi hands every one over, and writes it back, as text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _yaml(file: Path) -> dict[str, Any]:
    try:
        found = yaml_text.read(file)
    except (OSError, yaml_text.Unreadable):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}

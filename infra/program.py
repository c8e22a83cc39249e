"""The Pulumi program: a stack file in, a region out. Reads like a table of contents."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime.config import get_config_env

from components.contracts import SCHEMA
from infra.checks import require_sound
from infra.errors import FalajError
from infra.kubeconfig import require_server
from infra.settings import KubernetesStack, LocalStack, RegionStack, load, parse, stack_file
from policies.gate import receipt
from policies.gate.about import is_simulated, scalar


def deploy() -> None:
    """Deploy the selected stack."""
    settings = read_settings()
    require_gate(settings)
    require_cluster(settings)
    deploy_region(settings)


def read_settings() -> RegionStack:
    """The selected stack's settings, from its Pulumi config."""
    file = stack_file(pulumi.get_stack())
    settings = parse({key: scalar(text) for key, text in get_config_env().items()}, f"stacks/{file.name}")
    if settings != load(file):
        raise FalajError("CFG-008", f"stacks/{file.name}", "it is not what this run was given")
    require_sound(settings, f"stacks/{file.name}")
    return settings


def require_gate(settings: RegionStack) -> None:
    """Outside the dev profile, stop unless the policy pack watches this very run (design D6)."""
    if settings.profile != "dev":
        receipt.require(receipt.engine_address())


def require_cluster(settings: RegionStack) -> None:
    """What is applied onto a cluster that is there already goes to the one that the gate was told of."""
    if isinstance(settings, KubernetesStack) and not (pulumi.runtime.is_dry_run() or is_simulated()):
        require_server(settings.cluster, f"stacks/Pulumi.{pulumi.get_stack()}.yaml")


def deploy_region(settings: RegionStack) -> None:
    """A region of the chosen target; its outputs are the contract of `components.contracts`."""
    pulumi.export("schema", SCHEMA)
    for name in ("kind", "profile", "jurisdiction", "regimes"):
        pulumi.export(name, getattr(settings, name))
    for name, value in _region(settings).items():
        pulumi.export(name, value)


def _region(settings: RegionStack) -> Mapping[str, Any]:
    """The outputs of the target's region. A target's own packages are needed by its own stacks only."""
    if isinstance(settings, LocalStack):
        from infra.regions import local

        return local.deploy(pulumi.get_stack(), settings).outputs
    if isinstance(settings, KubernetesStack):
        from infra.regions import kubernetes

        return kubernetes.deploy(pulumi.get_stack(), settings)
    from infra.regions import aws

    return aws.deploy(pulumi.get_stack(), settings).outputs

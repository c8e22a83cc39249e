"""The Pulumi program: a stack file in, a region out. Reads like a table of contents."""

import pulumi
from pulumi.runtime.config import get_config_env

from components.contracts import SCHEMA
from components.local.region import LocalRegion, LocalRegionArgs
from infra.checks import require_sound
from infra.errors import FalajError
from infra.home import home
from infra.settings import LocalStack, RegionStack, load, parse, stack_file
from policies.gate import bundle, receipt
from policies.gate.about import scalar


def deploy() -> None:
    """Deploy the selected stack."""
    settings = read_settings()
    require_gate(settings)
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


def deploy_region(settings: RegionStack) -> None:
    """A region of the chosen target; its outputs are the contract of `components.contracts`."""
    assert isinstance(settings, LocalStack)
    region = local_region(settings)
    pulumi.export("schema", SCHEMA)
    for name in ("kind", "profile", "jurisdiction", "regimes"):
        pulumi.export(name, getattr(settings, name))
    for name, value in region.outputs.items():
        pulumi.export(name, value)


def local_region(settings: LocalStack) -> LocalRegion:
    """This machine."""
    stack = pulumi.get_stack()
    folder = home() / stack
    packs = bundle.stage(folder / "policies")
    args = LocalRegionArgs(
        folder=folder,
        generation=settings.keys.generation,
        encryption=settings.store.encryption,
        log_max_mib=settings.logs.max_mib,
        log_backups=settings.logs.backups,
        bundle=(packs.path, packs.digest),
        decision=settings.decision.model_dump(),
        tracking=settings.tracking.model_dump(),
        ray={**settings.ray.model_dump(), "cpus": settings.cpus},
        telemetry=settings.telemetry,
    )
    protected = pulumi.ResourceOptions(protect=settings.profile != "dev")
    return LocalRegion(stack, args, protected)

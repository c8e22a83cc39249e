"""The settings of a stack on this machine as its region."""

import pulumi

from components.local.region import LocalRegion, LocalRegionArgs
from infra.home import home
from infra.settings import LocalStack
from policies.gate import bundle


def deploy(stack: str, settings: LocalStack) -> LocalRegion:
    """This machine."""
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

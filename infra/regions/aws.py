"""The settings of a stack on AWS as its region: what the catalogue knows is added, nothing is looked up."""

import pulumi

from components.aws.context import Context
from components.aws.endpoints import ESSENTIAL, PODS, SERVICES, SNAPSHOTS
from components.aws.identity import CiSettings
from components.aws.region import AwsRegion, AwsRegionArgs, provider
from infra.catalog.aws.instance import instances
from infra.catalog.aws.region import regions
from infra.checks.aws import zones
from infra.regions import karpenter, platform
from infra.settings import AwsStack
from infra.settings.pool import Pool


def deploy(stack: str, settings: AwsStack) -> AwsRegion:
    """A region of AWS."""
    context = context_of(stack, settings)
    ci, elastic = settings.identity.ci, karpenter.made(settings)
    args = AwsRegionArgs(
        context=context,
        network=settings.network.model_dump(exclude={"zones"}),
        endpoints=_endpoints(settings),
        keys=settings.keys.model_dump(),
        stores={
            "lock_days": settings.stores.retention_days,
            "noncurrent_days": settings.stores.noncurrent_days,
            "log_days": settings.stores.log_days,
        },
        files=None if settings.files.kind == "none" else settings.files.model_dump(),
        registry=settings.registry.model_dump(),
        mirror=settings.platform.enabled and settings.platform.registry is None,
        cluster=settings.cluster.model_dump(exclude={"extended_support"}),
        pools={name: pool_of(context, settings, pool) for name, pool in settings.pools.items() if name not in elastic},
        karpenter={name: pool.kind for name, pool in elastic.items()} if settings.karpenter.enabled else None,
        database={**settings.database.model_dump(), "log_days": settings.audit.log_days},
        cache={**settings.cache.model_dump(), "log_days": settings.audit.log_days},
        ci=CiSettings(**ci.model_dump()) if ci else None,
        operators=settings.identity.operators,
        secrets=platform.secrets(context, settings),
        mfa=settings.identity.mfa,
        cluster_backup=settings.platform.enabled and settings.platform.backups.enabled,
        audit=settings.audit.model_dump(),
        backup=settings.backup.model_dump(),
        budget=settings.budget.model_dump(),
    )
    region = AwsRegion(stack, args, pulumi.ResourceOptions(providers=[provider(context)]))
    if settings.platform.enabled:
        platform.deploy(region, context, settings)
    return region


def _endpoints(settings: AwsStack) -> list[str]:
    services = ESSENTIAL if settings.size == "smb" and not settings.karpenter.enabled else SERVICES
    asked = (*PODS, *(SNAPSHOTS if settings.platform.backups.enabled else ()))
    return sorted({*services, *(asked if settings.platform.enabled else ())})


def context_of(stack: str, settings: AwsStack) -> Context:
    """Where it is and for whom."""
    found = zones(settings, regions()[settings.region], f"stacks/Pulumi.{stack}.yaml")
    return Context(
        stack=stack,
        account=settings.account,
        region=settings.region,
        zones=tuple(f"{settings.region}{letter}" for letter in found),
        prod=settings.profile != "dev",
        tags=settings.every_tag(settings.stores.retention_days),
    )


def pool_of(context: Context, settings: AwsStack, pool: Pool) -> dict[str, object]:
    """The fields of `NodePoolArgs` that the settings and the catalogue give."""
    kind = instances()[pool.instance_types[0]]
    zones_of = [f"{context.region}{letter}" for letter in pool.zones] or list(context.zones)
    return {
        **pool.model_dump(exclude={"block", "efa", "image", "mig", "time_slices", "zones"}),
        "image": pool.image,
        # Whoever has Karpenter's roles and not the platform runs it by hand.
        "autoscaled": settings.karpenter.enabled and not settings.platform.enabled,
        "zones": zones_of,
        "efa_interfaces": kind.efa if pool.efa else 0,
        "mig": f"all-{pool.mig}" if pool.mig else None,
        "arm": kind.arch == "arm64",
    }

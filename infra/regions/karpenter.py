"""Which pools' machines Karpenter makes, of a region's settings."""

from components.aws.context import Context as Cloud
from components.aws.node_pool import IOPS, THROUGHPUT, disks
from components.aws.region import AwsRegion
from components.kubernetes.karpenter import Fleet, Pool
from infra.catalog.aws.instance import instances
from infra.settings import AwsStack
from infra.settings.pool import Pool as PoolSettings


def made(settings: AwsStack) -> dict[str, PoolSettings]:
    """Pools for work of which no machine need be there: bought by the hour, and whole, as Karpenter reckons with them.

    It runs as a part of the platform; without that every pool is a node group.
    """
    if not (settings.karpenter.enabled and settings.platform.enabled):
        return {}
    return {name: pool for name, pool in settings.pools.items() if _is_made(pool)}


def fleet(region: AwsRegion, cloud: Cloud, settings: AwsStack) -> Fleet | None:
    """What it needs to know of the cloud; None without it."""
    if region.karpenter is None:
        return None
    return Fleet(
        stack=cloud.stack,
        region=cloud.region,
        version=settings.cluster.version,
        queue=region.karpenter.queue,
        profile=region.karpenter.profile,
        security_group=region.cluster.cluster.security_group,
        subnets=region.network.private,
        key=region.keys["volumes"],
        tags=cloud.tags,
        pools={name: _pool(cloud, pool) for name, pool in made(settings).items()},
    )


def _is_made(pool: PoolSettings) -> bool:
    by_the_hour = pool.kind != "system" and pool.capacity in ("on-demand", "spot") and not pool.min
    return by_the_hour and not (pool.efa or pool.mig or pool.time_slices > 1)


def _pool(cloud: Cloud, pool: PoolSettings) -> Pool:
    kinds = [instances()[name] for name in pool.instance_types]
    assert pool.kind != "system"  # as `made` has it
    assert pool.capacity in ("on-demand", "spot")
    return Pool(
        kind=pool.kind,
        instance_types=pool.instance_types,
        arm=kinds[0].arch == "arm64",
        image=pool.image,
        capacity=pool.capacity,
        zones=[f"{cloud.region}{letter}" for letter in pool.zones] or list(cloud.zones),
        disks=disks(pool.kind, pool.disk_gib),
        throughput=THROUGHPUT[pool.kind],
        iops=IOPS,
        cpus=pool.max * max(one.vcpus for one in kinds),
        gib=int(pool.max * max(one.gib for one in kinds)),
        gpus=pool.max * max(one.gpus for one in kinds),
    )

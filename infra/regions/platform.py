"""The cluster's platform layer and what Ray runs on it, of a region's settings."""

from dataclasses import replace

import pulumi

from components import pools
from components.aws.context import Context as Cloud
from components.aws.mirror import address
from components.aws.region import AwsRegion
from components.aws.secret import named_arn
from components.kubernetes import tracking
from components.kubernetes.context import Context
from components.kubernetes.gpu import Gpus
from components.kubernetes.monitoring import scrape
from components.kubernetes.platform import CACHE, RAY, TOKEN, Kept, Platform, PlatformArgs
from components.kubernetes.queues import Machines, Queue
from components.kubernetes.storage import elastic_block_store
from infra.checks.machines import machines, room
from infra.regions import admission, ray
from infra.regions.karpenter import fleet
from infra.regions.machines import watched
from infra.settings import AwsStack
from infra.settings.pool import Pool


def deploy(region: AwsRegion, cloud: Cloud, settings: AwsStack) -> None:
    """On the region's cluster, once there are machines for it."""
    context = context_of(cloud, settings)
    opts = pulumi.ResourceOptions(providers=[region.cluster.kubernetes("kubernetes")])
    args = PlatformArgs(
        context=context,
        region=settings.region,
        admission=admission.rules(cloud.stack, settings) if settings.platform.admission else None,
        signers=settings.platform.signers,
        registries=settings.policy.registries,
        pools={name: _machines(pool) for name, pool in settings.pools.items() if pool.kind != "system"},
        gpus={name: _gpus(pool) for name, pool in settings.pools.items() if pool.kind == "gpu"},
        queues={name: Queue(**queue.model_dump()) for name, queue in settings.queues.items()},
        karpenter=fleet(region, cloud, settings),
        watched=watched(settings),
        disks=elastic_block_store(context, region.keys["volumes"]),
        files=region.files,
        readers=region.secret_readers,
        cache=region.cache.secret,
        database=region.database,
        authorities=settings.platform.tracking.authorities,
        artifacts=region.stores["artifacts"].name,
        receivers=settings.platform.monitoring.receivers,
        max_gpus=settings.policy.max_gpus,
        retention_days=settings.platform.monitoring.retention_days,
        storage_gib=settings.platform.monitoring.storage_gib,
        backups=_kept(region, settings),
        after=region.ready,
    )
    platform = Platform("platform", args, opts)
    # The cloud's secret is known by its own name there; in the namespace it is a Secret.
    cache = replace(region.cache, secret=CACHE)
    shared = ray.Shared(
        context=context,
        namespace=platform.space,
        token=TOKEN,
        cache=cache,
        reaches=[tracking.reached()],
        env={"MLFLOW_TRACKING_URI": tracking.URL},
        after=platform.ready,
    )
    ray.deploy(settings, shared, opts)


def secrets(cloud: Cloud, settings: AwsStack) -> dict[str, list[str]]:
    """What namespaces of the cluster are given of the cloud's secrets."""
    if not settings.platform.enabled:
        return {}
    receivers = settings.platform.monitoring.receivers
    told = {scrape.NAMESPACE: [named_arn(cloud, receivers)]} if receivers else {}
    return {RAY: ["cache"], tracking.NAMESPACE: ["database"], **told}


def context_of(cloud: Cloud, settings: AwsStack) -> Context:
    """What all of the platform's objects share."""
    return Context(
        stack=cloud.stack,
        registry=settings.platform.registry or address(cloud),
        labels=cloud.tags,
        prod=cloud.prod,
        network=[settings.network.cidr],
        services=settings.cluster.service_cidr,
    )


def _kept(region: AwsRegion, settings: AwsStack) -> Kept | None:
    backups, key = settings.platform.backups, region.keys["volumes"]
    if not region.backups:
        return None
    return Kept(bucket=region.backups.name, key=key, hour=backups.hour, days=backups.keep_days)


def _machines(pool: Pool) -> Machines:
    """What work can claim of a pool's machines, by the catalogue."""
    of = room(pool)
    resource = pools.device(pool.mig)
    return Machines(kind=pool.kind, most=pool.max, cpu=of.cpu, gib=of.gib, gpus=of.gpus, resource=resource)


def _gpus(pool: Pool) -> Gpus:
    """What is made of the GPUs of a pool's machines."""
    return Gpus(mig=pool.mig, parts=machines(pool)[0].parts, slices=pool.time_slices)

"""The settings of a stack on a cluster that is there already as its region: the layer, and what Ray runs on it."""

from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Endpoint, GivenRegion
from components.kubernetes import tracking
from components.kubernetes.context import Context
from components.kubernetes.flow import Peer, network
from components.kubernetes.platform import TOKEN, Platform, PlatformArgs
from components.kubernetes.queues import Queue
from infra.regions import admission, given, ray
from infra.settings import KubernetesStack


def deploy(stack: str, settings: KubernetesStack) -> GivenRegion:
    """On the cluster of the kubeconfig."""
    context = given.context_of(stack, settings)
    opts = pulumi.ResourceOptions(providers=[provider(settings)])
    platform = Platform("platform", arguments(context, settings), opts)
    shared = ray.Shared(
        context=context,
        namespace=platform.space,
        token=TOKEN,
        cache=given.cache_of(settings),
        near=settings.cluster.near,
        reaches=_reached(context, settings),
        after=platform.ready,
    )
    ray.deploy(settings, shared, opts)
    return _outputs(settings)


def provider(settings: KubernetesStack) -> kubernetes.Provider:
    """It is told where the kubeconfig is, and nothing of what is in it; the gate judges it by the server."""
    file = settings.cluster.kubeconfig
    return kubernetes.Provider(
        "kubernetes",
        kubeconfig=str(Path(file).expanduser()) if file else None,
        context=settings.cluster.context,
        cluster_identifier=settings.cluster.server,
        enable_server_side_apply=True,
    )


def arguments(context: Context, settings: KubernetesStack) -> PlatformArgs:
    """The layer: what the stack file does not tell of is not there."""
    work = {name: pool for name, pool in settings.pools.items() if pool.kind != "system"}
    gpus = {name: pool for name, pool in work.items() if pool.gpus and settings.platform.devices}
    cache, database, monitoring = settings.cache, settings.database, settings.platform.monitoring
    return PlatformArgs(
        context=context,
        region=settings.cluster.region,
        admission=admission.rules(context.stack, settings) if settings.platform.admission else None,
        signers=settings.platform.signers,
        registries=settings.policy.registries,
        pools={name: given.machines_of(name, pool) for name, pool in work.items()},
        gpus={name: given.gpus_of(name, pool) for name, pool in gpus.items()},
        queues={name: Queue(**queue.model_dump()) for name, queue in settings.queues.items()},
        watched=given.watched(settings),
        disks=given.disks_of(settings),
        files=None,
        readers={},
        source=given.source(settings),
        cache=cache.secret if cache else None,
        vouched=cache.authorities if cache else None,
        database=given.database_of(settings),
        database_name=database.name if database else "mlflow",
        authorities=database.authorities if database else None,
        artifacts=settings.artifacts.bucket if settings.artifacts else None,
        store=given.store_of(settings),
        receivers=monitoring.receivers,
        max_gpus=settings.policy.max_gpus,
        retention_days=monitoring.retention_days,
        storage_gib=monitoring.storage_gib,
    )


def _reached(context: Context, settings: KubernetesStack) -> list[Peer]:
    """What Ray reaches besides its cache."""
    store = given.store_of(settings)
    runs = [tracking.reached()] if settings.database else []
    return [*runs, *(network(context, store.port) if store and store.port != 443 else [])]


def _outputs(settings: KubernetesStack) -> GivenRegion:
    cluster = settings.cluster
    return GivenRegion(
        cluster={"server": cluster.server, "context": cluster.context, "version": cluster.version},
        pools={name: pool.kind for name, pool in settings.pools.items()},
        database=_named(given.database_of(settings)),
        cache=_named(given.cache_of(settings)),
        tracking={"url": tracking.url()} if settings.database else None,
    )


def _named(endpoint: Endpoint | None) -> dict[str, object] | None:
    return {"host": endpoint.host, "port": endpoint.port, "secret": endpoint.secret} if endpoint else None

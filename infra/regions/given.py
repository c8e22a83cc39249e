"""A cluster that is there already, as the platform layer sees its nodes and servers: by the stack file's word."""

from components.contracts import Endpoint
from components.kubernetes import tracking
from components.kubernetes.context import Context, NameServer
from components.kubernetes.gpu import Gpus
from components.kubernetes.monitoring import scrape
from components.kubernetes.monitoring.rule_files import Machine, Region
from components.kubernetes.platform import CACHE, RAY, VOUCHED
from components.kubernetes.queues import Machines
from components.kubernetes.secret_source import Source
from components.kubernetes.storage import Driver
from components.kubernetes.tracking import Store
from components.pools import Place
from infra.checks.machines import machines, room
from infra.settings import KubernetesStack
from infra.settings.given import GivenPool


def context_of(stack: str, settings: KubernetesStack) -> Context:
    """What all of the platform's objects share."""
    system = next(pool.selector(name) for name, pool in settings.pools.items() if pool.kind == "system")
    return Context(
        stack=stack,
        registry=settings.platform.registry,
        labels=settings.every_tag(settings.retention_days),
        prod=settings.profile != "dev",
        network=settings.cluster.network,
        services=settings.cluster.service_cidr,
        system=system,
        dns=NameServer(**settings.cluster.dns.model_dump()),
        pod_identity=False,
    )


def place_of(name: str, pool: GivenPool) -> Place:
    """How pods come onto the nodes of a pool."""
    return Place(nodes=pool.selector(name), taints=[one.model_dump() for one in pool.taints])


def machines_of(name: str, pool: GivenPool) -> Machines:
    """What work can claim of a pool's nodes."""
    of = room(pool)
    return Machines(
        kind=pool.kind,
        most=pool.number,
        cpu=of.cpu,
        gib=of.gib,
        gpus=of.gpus,
        resource=pool.resource,
        place=place_of(name, pool),
    )


def gpus_of(name: str, pool: GivenPool) -> Gpus:
    """What is made of the GPUs of a pool's nodes."""
    return Gpus(mig=pool.mig, parts=machines(pool)[0].parts, slices=pool.time_slices, place=place_of(name, pool))


def disks_of(settings: KubernetesStack) -> Driver | str:
    """What the disks of servers are made by."""
    disks = settings.disks
    return disks.storage_class or Driver(name=disks.driver or "", parameters=disks.parameters)


def watched(settings: KubernetesStack) -> Region:
    """Machines of which their owner says what they draw and cost."""
    said = [pool.machine for pool in settings.pools.values() if pool.machine]
    made = {one.type: Machine(watts=one.watts, gpu_watts=one.gpu_watts, usd=one.usd) for one in said}
    return Region(machines=made, pue=settings.energy.pue, grid=settings.energy.grid)


def source(settings: KubernetesStack) -> Source:
    """Which of its owner's Secrets each namespace is given."""
    receivers = settings.platform.monitoring.receivers
    told = {
        RAY: [settings.cache.secret] if settings.cache else [],
        tracking.NAMESPACE: [one.secret for one in (settings.database, settings.artifacts) if one],
        scrape.NAMESPACE: [receivers] if receivers else [],
    }
    return Source(namespace=settings.secrets.namespace, given={space: names for space, names in told.items() if names})


def cache_of(settings: KubernetesStack) -> Endpoint | None:
    """What keeps the state of Ray's heads, as their namespace knows it."""
    if (cache := settings.cache) is None:
        return None
    return Endpoint(host=cache.host, port=cache.port, secret=CACHE, authorities=VOUCHED if cache.authorities else None)


def database_of(settings: KubernetesStack) -> Endpoint | None:
    """What keeps runs and metrics."""
    database = settings.database
    return Endpoint(host=database.host, port=database.port, secret=database.secret) if database else None


def store_of(settings: KubernetesStack) -> Store | None:
    """Where runs' files are."""
    files = settings.artifacts
    return Store(endpoint=files.endpoint, secret=files.secret) if files else None

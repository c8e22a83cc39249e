"""What Ray runs in a region's cluster, of its settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.contracts import Endpoint, Text
from components.kubernetes.context import Context
from components.kubernetes.flow import Peer
from components.kubernetes.ray_group import Group, Head, Pool
from components.kubernetes.ray_job import RayJob, RayJobArgs
from components.kubernetes.ray_runtime import RayRuntime, RayRuntimeArgs
from components.kubernetes.ray_service import RayService, RayServiceArgs
from components.pools import ZONE
from infra.catalog.aws.instance import instances
from infra.checks.kubernetes import head_pool
from infra.checks.machines import machines
from infra.regions.given import place_of
from infra.regions.workload import Hosted
from infra.settings import ClusterStack
from infra.settings.given import GivenPool
from infra.settings.ray import RayJob as Job
from infra.settings.ray import RayRuntime as Runtime
from infra.settings.ray import RayService as Service


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What all of them have in common."""

    context: Context
    namespace: Text
    token: Text
    """Name of the Secret whose `auth_token` every call must show."""
    cache: Endpoint | None
    """Keeps the state of heads; its secret is a Secret of the namespace with `username` and `password`."""
    near: str | None = ZONE
    """Label whose value is the same on nodes that are near each other; None where no label says so."""
    peers: Sequence[Peer] = ()
    reaches: Sequence[Peer] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    """Further variables of all Ray containers."""
    after: Sequence[pulumi.Resource] = ()


def deploy(
    settings: ClusterStack, shared: Shared, opts: pulumi.ResourceOptions | None = None
) -> dict[str, RayRuntime | RayService | RayJob]:
    """All of them, by name."""
    ray, cache = settings.ray, shared.cache
    made: dict[str, RayRuntime | RayService | RayJob] = {}
    for name, one in ray.runtimes.items():
        made[name] = RayRuntime(name, RayRuntimeArgs(**_common(settings, shared, one), cache=cache), opts)
    for name, one in ray.services.items():
        hosted, common = _hosted(name, settings, shared, one, opts)
        args = RayServiceArgs(**common, cache=cache, serve=hosted.serve(one.model) if hosted else one.serve)
        made[name] = RayService(name, args, opts)
    for name, one in ray.jobs.items():
        hosted, common = _hosted(name, settings, shared, one, opts)
        own = one.model_dump(exclude={*Runtime.model_fields, "workload"})
        own |= {"entrypoint": hosted.entrypoint} if hosted else {}
        made[name] = RayJob(name, RayJobArgs(**common, **own), opts)
    return made


def pool_of(settings: ClusterStack, name: str, near: str | None = ZONE) -> Pool:
    """What is known of a pool's machines."""
    pool = settings.pools[name]
    gpus = machines(pool)[0].allocatable.gpus
    if isinstance(pool, GivenPool):
        return Pool(name=name, gpus=gpus, mig=pool.mig, place=place_of(name, pool), near=near)
    efa = instances()[pool.instance_types[0]].efa if pool.efa else 0
    return Pool(name=name, gpus=gpus, mig=pool.mig, efa=efa, near=near)


def _hosted(
    name: str, settings: ClusterStack, shared: Shared, one: Job | Service, opts: pulumi.ResourceOptions | None
) -> tuple[Hosted | None, dict[str, Any]]:
    """The workload that it runs, if any, and its cluster's arguments."""
    common, found = _common(settings, shared, one), settings.ray.platform
    if one.workload is None or found is None:
        return None, common
    hosted = Hosted(
        name=name,
        workload=one.workload,
        one=one,
        context=shared.context,
        namespace=shared.namespace,
        token=shared.token,
    )
    around = hosted.around(settings, found, opts)
    return hosted, {**common, **around, "after": [*common["after"], *around["after"]]}


def _common(settings: ClusterStack, shared: Shared, one: Runtime) -> dict[str, Any]:
    on = head_pool(settings, one.head)
    head = Head(pool=pool_of(settings, on, shared.near), **one.head.model_dump(exclude={"pool"}))
    groups = [
        Group(name=name, pool=pool_of(settings, of.pool, shared.near), **of.model_dump(exclude={"pool"}))
        for name, of in one.groups.items()
    ]
    return {
        "context": shared.context,
        "namespace": shared.namespace,
        "token": shared.token,
        "peers": shared.peers,
        "reaches": shared.reaches,
        "env": shared.env,
        "after": shared.after,
        "head": head,
        "groups": groups,
        **one.model_dump(include={"image", "version", "queue", "priority"}),
    }

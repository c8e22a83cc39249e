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
from infra.catalog.aws.instance import instances
from infra.catalog.aws.room import allocatable
from infra.checks.kubernetes import head_pool
from infra.settings import AwsStack
from infra.settings.ray import RayRuntime as Runtime


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What all of them have in common."""

    context: Context
    namespace: Text
    token: Text
    """Name of the Secret whose `auth_token` every call must show."""
    cache: Endpoint
    """Keeps the state of heads; its secret is a Secret of the namespace with `username` and `password`."""
    peers: Sequence[Peer] = ()
    reaches: Sequence[Peer] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    """Further variables of all Ray containers."""
    after: Sequence[pulumi.Resource] = ()


def deploy(
    settings: AwsStack, shared: Shared, opts: pulumi.ResourceOptions | None = None
) -> dict[str, RayRuntime | RayService | RayJob]:
    """All of them, by name."""
    ray, cache = settings.ray, shared.cache
    made: dict[str, RayRuntime | RayService | RayJob] = {}
    for name, one in ray.runtimes.items():
        made[name] = RayRuntime(name, RayRuntimeArgs(**_common(settings, shared, one), cache=cache), opts)
    for name, one in ray.services.items():
        args = RayServiceArgs(**_common(settings, shared, one), cache=cache, serve=one.serve)
        made[name] = RayService(name, args, opts)
    for name, one in ray.jobs.items():
        own = one.model_dump(exclude=set(Runtime.model_fields))
        made[name] = RayJob(name, RayJobArgs(**_common(settings, shared, one), **own), opts)
    return made


def pool_of(settings: AwsStack, name: str) -> Pool:
    """What the catalogue knows of a pool's machines."""
    pool = settings.pools[name]
    machine = instances()[pool.instance_types[0]]
    gpus = allocatable(machine, pool.mig, pool.time_slices).gpus
    return Pool(name=name, gpus=gpus, mig=pool.mig, efa=machine.efa if pool.efa else 0)


def _common(settings: AwsStack, shared: Shared, one: Runtime) -> dict[str, Any]:
    head = Head(pool=pool_of(settings, head_pool(settings, one.head)), **one.head.model_dump(exclude={"pool"}))
    groups = [
        Group(name=name, pool=pool_of(settings, of.pool), **of.model_dump(exclude={"pool"}))
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

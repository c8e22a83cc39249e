"""What Ray runs in a cluster, against its pools: each pod fits a machine, all of them the machines there can be."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, cast

from components.kubernetes import ray_rules
from infra.catalog.room import Room
from infra.checks.machines import AnyPool, machines
from infra.errors import FalajError
from infra.settings import ClusterStack
from infra.settings.ray import RayGroup, RayHead, RayJob, RayRuntime, RayService


@dataclass(frozen=True)
class Claim:
    """GPUs, or parts of them, that a group of workers takes of its pool at the most."""

    where: str
    """`jobs.train.groups.workers`"""
    pool: str
    queue: str | None
    workers: int
    gpus: int
    """Of each worker."""


def require_ray(settings: ClusterStack, place: str) -> None:
    """Raise the first thing that cannot work."""
    _require_names(settings, place)
    for name, one in settings.ray.every().items():
        key = f"falaj:ray.{name}"
        _require_rules(one, settings, key, place)
        _require_room(f"{key}.head", head_pool(settings, one.head), one.head, 0, 1, settings, place)
        for group, of in one.groups.items():
            _require_pool(of, f"{key}.groups.{group}", settings, place)
            _require_room(f"{key}.groups.{group}", of.pool, of, of.gpus, of.max, settings, place)
    _require_gpus(settings, place)


def head_pool(settings: ClusterStack, head: RayHead) -> str:
    """The pool of a head: the one that it names, else the first for work without GPUs, else the platform's own."""
    by_kind = {pool.kind: name for name, pool in reversed(settings.pools.items())}
    return head.pool or by_kind.get("cpu") or by_kind["system"]


def claims(settings: ClusterStack) -> list[Claim]:
    """What each group with GPUs can take."""
    return [
        Claim(f"{name}.groups.{group}", of.pool, one.queue, of.max, of.gpus)
        for name, one in settings.ray.every().items()
        for group, of in one.groups.items()
        if of.gpus
    ]


def _require_names(settings: ClusterStack, place: str) -> None:
    """Accounts, rights and flows are called as what they are for, in one namespace."""
    seen: dict[str, str] = {}
    for key in settings.ray.every():
        name = key.partition(".")[2]
        if other := seen.get(name):
            raise FalajError("CFG-028", place, f"`falaj:ray.{other}` and `falaj:ray.{key}` have one name")
        seen[name] = key


def _require_rules(one: RayRuntime, settings: ClusterStack, key: str, place: str) -> None:
    version = one.version or ray_rules.release()
    least = settings.policy.ray_version_min
    if _numbers(version) < _numbers(least):
        problem = f"`{key}.version` is {version}, and `falaj:policy.ray_version_min` is {least}"
        raise FalajError("CFG-028", place, problem)
    _ruled(lambda: ray_rules.require_version(version), f"{key}.version", place)
    _ruled(lambda: ray_rules.require_groups(list(one.groups)), f"{key}.groups", place)
    for what, environment in _environments(one).items():
        _ruled(lambda found=environment: ray_rules.require_offline(found, "it"), f"{key}.{what}", place)


def _ruled(rule: Callable[[], None], key: str, place: str) -> None:
    try:
        rule()
    except ValueError as error:
        raise FalajError("CFG-028", place, f"`{key}`: {error}") from error


def _environments(one: RayRuntime) -> dict[str, Mapping[str, Any]]:
    match one:
        case RayJob():
            return {"runtime_env": one.runtime_env}
        case RayService():
            applications = cast("list[dict[str, Any]]", one.serve.get("applications") or [])
            return {
                f"serve.applications[{index}].runtime_env": of.get("runtime_env") or {}
                for index, of in enumerate(applications)
            }
        case _:
            return {}


def _require_pool(group: RayGroup, key: str, settings: ClusterStack, place: str) -> None:
    pool = _pool(group.pool, key, settings, place)
    if group.gpus and pool.kind != "gpu":
        fitting = [name for name, other in settings.pools.items() if other.kind == "gpu"]
        problem = f"`{key}.gpus` is {group.gpus}, and pool {group.pool} is of kind {pool.kind}"
        raise FalajError("CFG-025", place, problem, f"Pools with GPUs: {', '.join(fitting) or 'none'}.")
    if group.gpus > 1 and pool.time_slices > 1:
        problem = f"`{key}.gpus` is {group.gpus}, and pool {group.pool} has {pool.time_slices} shares of each GPU"
        raise FalajError("CFG-025", place, problem, "Write 1: two shares are no more than one.")
    if not group.gpus and pool.kind != "cpu":
        whose = "work with GPUs" if pool.kind == "gpu" else "the platform's own servers"
        raise FalajError("CFG-025", place, f"`{key}.gpus` is 0, and pool {group.pool} is for {whose}")


def _pool(name: str, key: str, settings: ClusterStack, place: str) -> AnyPool:
    if name in settings.pools:
        return settings.pools[name]
    problem = f"`{key}.pool` is {name}, which is no pool"
    raise FalajError("CFG-025", place, problem, f"Write one of: {', '.join(settings.pools)}.")


def _require_room(
    key: str, name: str, pod: RayGroup | RayHead, gpus: int, most: int, settings: ClusterStack, place: str
) -> None:
    """Each pod on every type of machine that the pool may have, and all of them on its machines."""
    pool = _pool(name, key, settings, place)
    if not gpus and pool.kind == "gpu":
        raise FalajError("CFG-025", place, f"`{key}.pool` is {name}, which is for work with GPUs")
    for machine in machines(pool):
        there = machine.room
        each = _carried(pod.cpu, pod.memory_gib, gpus, there)
        claimed = f"{pod.cpu:g} processors, {pod.memory_gib:g} GiB and {gpus} GPUs"
        if not each:
            has = f"{there.cpu:.1f}, {there.gib:.0f} GiB and {there.gpus}"
            problem = f"`{key}` claims {claimed}, and {machine.name} of pool {name} has about {has} for pods"
            raise FalajError("CFG-026", place, problem)
        if most > each * pool.max:
            carried = f"machines of pool {name} ({machine.name}) carry {each * pool.max}"
            problem = f"`{key}.max` is {most}, and {pool.max} {carried}"
            raise FalajError("CFG-026", place, problem)


def _carried(cpu: float, gib: float, gpus: int, there: Room) -> int:
    """How many such pods a machine carries."""
    shares = [there.cpu / cpu, there.gib / gib, *([there.gpus / gpus] if gpus else [])]
    return int(min(shares))


def _require_gpus(settings: ClusterStack, place: str) -> None:
    """All groups of a pool within its machines, and all of them within the policy."""
    by_pool: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims(settings):
        by_pool[claim.pool].append(claim)
    whole = 0
    for name, mine in by_pool.items():
        pool, sums = settings.pools[name], _sums(mine)
        machine = machines(pool)[0]
        taken, there = sum(one.workers * one.gpus for one in mine), pool.max * machine.room.gpus
        if taken > there:
            problem = f"Ray may take {taken} GPUs of pool {name} ({sums}), and its {pool.max} machines have {there}"
            raise FalajError("CFG-027", place, problem)
        whole += ceil(taken / machine.parts)
    if whole > settings.policy.max_gpus:
        sums = _sums([one for mine in by_pool.values() for one in mine])
        problem = f"Ray may take {whole} GPUs ({sums}), and `falaj:policy.max_gpus` is {settings.policy.max_gpus}"
        raise FalajError("CFG-027", place, problem)


def _sums(mine: list[Claim]) -> str:
    return ", ".join(f"{one.where}: {one.workers} of {one.gpus}" for one in mine)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))

"""A stack on a cluster that is there already: what its file says must be one cluster, and Ray must fit onto it."""

from ipaddress import IPv4Network
from itertools import combinations

from infra.checks.kubernetes import require_ray
from infra.checks.queues import require_queues
from infra.checks.workloads import require_workloads
from infra.errors import FalajError
from infra.settings import KubernetesStack
from infra.settings.given import GivenPool
from policies.gate.params import jurisdictions

_WITHOUT = {
    "cache": "`falaj:cache` is not there: Ray's heads lose their state with their pods, and what ran there begins anew",
    "database": "`falaj:database` is not there: no tracking server",
    "artifacts": "`falaj:artifacts` is not there: runs have no files, and MLflow refuses who logs one",
}


def require_sound(settings: KubernetesStack, place: str) -> None:
    """Raise the first thing that cannot work."""
    if settings.jurisdiction not in jurisdictions():
        problem = f"`falaj:jurisdiction` is {settings.jurisdiction!r}, which is none"
        raise FalajError("CFG-009", place, problem, f"Write one of: {', '.join(jurisdictions())}.")
    _require_network(settings, place)
    _require_system(settings, place)
    for name, pool in settings.pools.items():
        _require_kind(pool, f"`falaj:pools.{name}", place)
    _require_apart(settings, place)
    require_ray(settings, place)
    require_workloads(settings, place)
    require_queues(settings, place)


def lacking(settings: KubernetesStack) -> list[str]:
    """What comes of each section that is not there."""
    return [text for name, text in _WITHOUT.items() if getattr(settings, name) is None]


def _require_network(settings: KubernetesStack, place: str) -> None:
    services = _range(settings.cluster.service_cidr, "`falaj:cluster.service_cidr`", place)
    for cidr in settings.cluster.network:
        if _range(cidr, "`falaj:cluster.network`", place).overlaps(services):
            problem = f"`falaj:cluster.service_cidr` {services} overlaps `falaj:cluster.network` {cidr}"
            raise FalajError("CFG-012", place, problem, "Write both as the cluster has them.")


def _range(cidr: str, key: str, place: str) -> IPv4Network:
    try:
        return IPv4Network(cidr)
    except ValueError as error:
        raise FalajError("CFG-013", place, f"{key} has {cidr}: {error}", "Write it as the cluster has it.") from error


def _require_system(settings: KubernetesStack, place: str) -> None:
    """The platform's servers run on one pool, and pods of others' making tolerate nothing."""
    system = [name for name, pool in settings.pools.items() if pool.kind == "system"]
    if len(system) != 1:
        said = f"{len(system)} pools are of kind system ({', '.join(system) or 'none'})"
        raise FalajError("CFG-021", place, f"`falaj:pools`: {said}")
    if taints := settings.pools[system[0]].taints:
        problem = f"`falaj:pools.{system[0]}.taints` has {taints[0].key}, and the platform's servers tolerate none"
        raise FalajError("CFG-021", place, problem, "Write a pool without taints as the system pool.")


def _require_kind(pool: GivenPool, key: str, place: str) -> None:
    if (pool.kind == "gpu") != bool(pool.gpus):
        problem = f"{key}.kind` is {pool.kind}, and its nodes have {pool.gpus} GPUs"
        raise FalajError("CFG-016", place, problem, "Write `kind: gpu` for nodes with GPUs, and for no others.")


def _require_apart(settings: KubernetesStack, place: str) -> None:
    """Labels of which no node can have those of two pools."""
    found = {name: pool.selector(name) for name, pool in settings.pools.items()}
    for (one, labels), (other, others) in combinations(found.items(), 2):
        if not any(others.get(key, value) != value for key, value in labels.items()):
            problem = f"nodes of pool {one} ({_said(labels)}) may be of pool {other} ({_said(others)}), too"
            raise FalajError("CFG-030", place, problem, "Give both `nodes` one label of two values.")


def _said(labels: dict[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in labels.items())

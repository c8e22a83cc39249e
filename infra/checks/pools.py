"""The node pools of a stack on AWS: what is sold, what fits together, and what the account's quotas allow."""

from dataclasses import dataclass
from datetime import datetime

from infra.catalog.aws.instance import Instance
from infra.catalog.aws.region import Region
from infra.checks.capacity import require_capacity
from infra.errors import FalajError
from infra.settings import AwsStack
from infra.settings.pool import Pool

QUOTAS = {
    "standard": "Running On-Demand Standard instances",
    "g": "Running On-Demand G and VT instances",
    "p": "Running On-Demand P instances",
    "standard_spot": "All Standard Spot instance requests",
    "g_spot": "All G and VT Spot instance requests",
    "p_spot": "All P Spot instance requests",
}
"""The quotas of a stack file by the names that AWS gives them."""


def require_pools(settings: AwsStack, region: Region, letters: list[str], place: str, now: datetime) -> None:
    """Raise the first thing about a pool that cannot work."""
    _require_system(settings, place)
    for name, pool in settings.pools.items():
        key = f"`falaj:pools.{name}"
        if settings.size == "smb" and pool.kind == "gpu":
            problem = f"{key}.kind` is gpu, and `falaj:size` is smb, which has no GPUs"
            raise FalajError("CFG-022", place, problem)
        machines = [_sold(one, key, settings, region, place) for one in pool.instance_types]
        _require_kind(pool, machines, key, place)
        _require_zones(pool, letters, key, place)
        _require_efa(pool, machines, key, region, place)
        _require_mig(pool, machines, key, place)
        _require_slices(pool, key, place)
        _require_image(pool, key, settings, place)
        require_capacity(pool, machines[0], key, place, now)
    _require_quotas(settings, region, place)


@dataclass(frozen=True)
class Claim:
    """vCPUs that a pool can take of a quota: its most machines, each of its largest type."""

    pool: str
    quota: str
    machines: int
    vcpus: int


def claims(settings: AwsStack, region: Region) -> list[Claim]:
    """What the pools can take of the account's quotas. Capacity Blocks do not count."""
    found: list[Claim] = []
    for name, pool in settings.pools.items():
        if pool.capacity != "block":
            largest = max((region.sold[one] for one in pool.instance_types), key=lambda one: one.vcpus)
            quota = largest.quota + ("_spot" if pool.capacity == "spot" else "")
            found.append(Claim(name, quota, pool.max, largest.vcpus))
    return found


def _require_system(settings: AwsStack, place: str) -> None:
    system = [name for name, pool in settings.pools.items() if pool.kind == "system"]
    if len(system) == 1:
        pool = settings.pools[system[0]]
        if pool.min and pool.capacity == "on-demand":
            return
        problem = f"`falaj:pools.{system[0]}` may have no machine: min is {pool.min}, capacity {pool.capacity}"
        raise FalajError("CFG-021", place, problem, "Give the system pool at least one on-demand machine.")
    said = f"{len(system)} pools are of kind system ({', '.join(system)})" if system else "no pool is of kind system"
    raise FalajError("CFG-021", place, f"`falaj:pools`: {said}")


def _sold(name: str, key: str, settings: AwsStack, region: Region, place: str) -> Instance:
    if one := region.sold.get(name):
        return one
    family, near = name.split(".")[0], region.near(name)
    fix = f"{near} is." if near else f"It sells {', '.join(region.instances.families)}."
    if why := region.instances.left_out.get(family):
        problem = f"which the platform does not use ({why})"
        fix = f"{near} is known." if near else fix
    elif family in region.instances.others or family in region.instances.families:
        problem = "of which the catalogue has no facts"
        fix = f"{near} is known." if near else fix
    else:
        problem = f"which {settings.region} does not sell"
    raise FalajError("CFG-015", place, f"{key}.instance_types` has {name}, {problem}", fix)


def _require_kind(pool: Pool, machines: list[Instance], key: str, place: str) -> None:
    for one in machines:
        if pool.kind == "gpu" and not one.gpus:
            raise FalajError("CFG-016", place, f"{key}.kind` is gpu, and {one.type} has no GPU", "Write `kind: cpu`.")
        if pool.kind != "gpu" and one.gpus:
            problem = f"{key}.kind` is {pool.kind}, and {one.type} has {one.gpus} GPU{'s' if one.gpus > 1 else ''}"
            raise FalajError("CFG-016", place, problem, "Write `kind: gpu`.")
        if one.arch != machines[0].arch:
            problem = f"{key}.instance_types` mixes {machines[0].type} ({machines[0].arch}) and {one.type} ({one.arch})"
            raise FalajError("CFG-016", place, problem, "Make a pool of each.")


def _require_zones(pool: Pool, letters: list[str], key: str, place: str) -> None:
    used = pool.zones or letters
    for letter in used:
        if letter not in letters:
            problem = f"{key}.zones` names zone {letter!r}, and the network is in {', '.join(letters)}"
            raise FalajError("CFG-011", place, problem)
    reason = "EFA" if pool.efa else "a reservation" if pool.capacity in ("reserved", "block") else ""
    if reason and len(used) > 1:
        problem = f"{key}.zones` is {', '.join(used)}, and {reason} is in one zone"
        raise FalajError("CFG-011", place, problem, f"Name one, like `zones: [{used[0]}]`.")


def _require_efa(pool: Pool, machines: list[Instance], key: str, region: Region, place: str) -> None:
    if not pool.efa:
        return
    if pool.kind != "gpu":
        raise FalajError("CFG-018", place, f"{key}.efa` is true, and the pool's kind is {pool.kind}", "Write false.")
    for one in machines:
        if not one.efa:
            able = [other for other in region.sold.values() if other.efa and other.family == one.family]
            able += [other for other in region.sold.values() if other.efa and other.gpus and other.family != one.family]
            fix = f"{able[0].type} has it." if able else "Write false."
            raise FalajError("CFG-018", place, f"{key}.efa` is true, and {one.type} has no EFA interface", fix)
    if len(machines) > 1:
        names = ", ".join(pool.instance_types)
        problem = f"{key}.efa` is true, and its machines are of several types: {names}"
        raise FalajError("CFG-018", place, problem, f"Write one, like {machines[0].type}.")


def _require_mig(pool: Pool, machines: list[Instance], key: str, place: str) -> None:
    if pool.mig is None:
        return
    for one in machines:
        if one.gpu is None or not one.gpu.mig:
            what = f"the {one.gpu.model} of {one.type} cannot be divided" if one.gpu else f"{one.type} has no GPU"
            raise FalajError("CFG-019", place, f"{key}.mig` is {pool.mig}, and {what}", "Leave `mig` away.")
        if pool.mig not in one.gpu.mig:
            problem = f"{key}.mig` is {pool.mig}, which the {one.gpu.model} of {one.type} has not"
            raise FalajError("CFG-019", place, problem, f"It has {', '.join(one.gpu.mig)}.")


def _require_slices(pool: Pool, key: str, place: str) -> None:
    said = f"{key}.time_slices` is {pool.time_slices}"
    if pool.time_slices > 1 and pool.kind != "gpu":
        raise FalajError("CFG-019", place, f"{said}, and the pool's kind is {pool.kind}", "Leave `time_slices` away.")
    if pool.time_slices > 1 and pool.mig:
        raise FalajError("CFG-019", place, f"{said}, and `mig` is {pool.mig}", "Leave one of them away.")


def _require_image(pool: Pool, key: str, settings: AwsStack, place: str) -> None:
    """Amazon Linux's releases, which GPU pools have, begin with their Kubernetes version; Bottlerocket's do not."""
    version = settings.cluster.version
    if pool.kind == "gpu" and not pool.image.startswith(f"{version}."):
        problem = f"{key}.image` is {pool.image}, and `falaj:cluster.version` is {version}"
        raise FalajError("CFG-024", place, problem, f"Write a release of {version}.")


def _require_quotas(settings: AwsStack, region: Region, place: str) -> None:
    all_claims = claims(settings, region)
    for quota, allowed in settings.quotas.model_dump().items():
        mine = [claim for claim in all_claims if claim.quota == quota]
        taken = sum(claim.machines * claim.vcpus for claim in mine)
        if taken > allowed:
            sums = ", ".join(f"{claim.pool}: {claim.machines} of {claim.vcpus}" for claim in mine)
            problem = f"pools may take {taken} vCPUs ({sums}), and `falaj:quotas.{quota}` is {allowed}"
            fix = f"Lower a pool's max, or have AWS raise the quota {QUOTAS[quota]!r} and write it here."
            raise FalajError("CFG-017", place, problem, fix)

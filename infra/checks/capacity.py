"""How a pool's machines are bought: reservations, Capacity Blocks and spot."""

from datetime import datetime

from infra.catalog.aws.instance import Instance
from infra.errors import FalajError
from infra.settings.pool import Pool

BLOCK_HOURS = 182 * 24
"""The longest Capacity Block, hours (as the EC2 user guide had it; not read again)."""


def require_capacity(pool: Pool, machine: Instance, key: str, place: str, now: datetime) -> None:
    """CFG-020 when the way of buying and what it needs do not fit."""
    reserved = pool.capacity in ("reserved", "block")
    if reserved and pool.reservation is None:
        problem = f"{key}.capacity` is {pool.capacity}, and `reservation` is missing"
        raise FalajError("CFG-020", place, problem, "Write the id that AWS gave, like `cr-0123456789abcdef0`.")
    if pool.reservation and not reserved:
        problem = f"{key}.reservation` is {pool.reservation}, and `capacity` is {pool.capacity}"
        raise FalajError("CFG-020", place, problem, "Write `capacity: reserved`, or `block` for a Capacity Block.")
    if reserved and len(pool.instance_types) > 1:
        problem = f"{key}.instance_types` are {', '.join(pool.instance_types)}, and a reservation is of one type"
        raise FalajError("CFG-020", place, problem, f"Write one, like {machine.type}.")
    _require_block(pool, machine, key, place, now)


def _require_block(pool: Pool, machine: Instance, key: str, place: str, now: datetime) -> None:
    if pool.block is None:
        if pool.capacity == "block":
            problem = f"{key}.capacity` is block, and `block` is missing"
            raise FalajError("CFG-020", place, problem, "Write when it `starts` and `ends`, as its confirmation says.")
        return
    starts, ends = pool.block.starts, pool.block.ends
    if pool.capacity != "block":
        problem = f"{key}.block` is from {starts} to {ends}, and `capacity` is {pool.capacity}"
        raise FalajError("CFG-020", place, problem, "Write `capacity: block`, or leave `block` away.")
    if ends <= starts:
        raise FalajError("CFG-020", place, f"{key}.block` ends at {ends}, before it starts at {starts}")
    if (ends - starts).total_seconds() > BLOCK_HOURS * 3600:
        problem = f"{key}.block` is {(ends - starts).days} days long, and the longest is {BLOCK_HOURS // 24}"
        raise FalajError("CFG-020", place, problem)
    if now >= ends:
        problem = f"{key}.block` ended at {ends}, and it is {now:%Y-%m-%d %H:%M%z}"
        raise FalajError("CFG-020", place, problem, "Take the pool away, or write the block that you have now.")
    if machine.quota != "p":
        problem = f"{key}.capacity` is block, and {machine.type} is no P machine, of which Capacity Blocks are"
        raise FalajError("CFG-020", place, problem, "Write `capacity: reserved` or `on-demand`.")

"""How a simulated region is: its programs, its nodes."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import psutil

from components import pools
from components.local import processes
from infra.plan.cluster.client import Client
from infra.plan.cluster.config import Config
from infra.sim import plane
from infra.sim.state import Sim

MIB = 1 << 20


@dataclass(frozen=True)
class Process:
    name: str
    status: str
    pid: int
    mib: int
    """Resident memory."""


def running(sim: Sim) -> list[Process]:
    """Its programs, in the order in which they start."""
    found: list[Process] = []
    for program in plane.programs(sim):
        status, pid = processes.status(sim.programs, program)
        found.append(Process(program.name, status, pid, _resident(pid)))
    return found


def nodes(sim: Sim) -> dict[str, int]:
    """Ready nodes by pool."""
    items = Client(Config.load(sim.kubeconfig)).ask("GET", "/api/v1/nodes")["items"]
    ready = [one for one in items if ("Ready", "True") in {(c["type"], c["status"]) for c in _conditions(one)}]
    return dict(sorted(Counter(_pool(one["metadata"]) for one in ready).items()))


def _pool(metadata: dict[str, Any]) -> str:
    """By its label or, where the stack finds its nodes by others, by the name that it has here."""
    return metadata["labels"].get(pools.POOL) or metadata["name"].rpartition("-")[0]


def _conditions(node: dict[str, dict[str, list[dict[str, str]]]]) -> list[dict[str, str]]:
    return node["status"].get("conditions", [])


def _resident(pid: int) -> int:
    try:
        return psutil.Process(pid).memory_info().rss // MIB if pid else 0
    except psutil.Error:
        return 0

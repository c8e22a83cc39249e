"""The workloads that come with the platform, by name. Imports nothing heavy."""

from importlib import import_module
from pathlib import Path

from infra.errors import FalajError
from workloads.lib.lifecycle.workload import Workload

BUNDLED = Path(__file__).parents[2]


def names() -> list[str]:
    """Every package beside this library that has a `workload.py`."""
    return sorted(found.parent.name for found in BUNDLED.glob("*/workload.py"))


def bundled(name: str) -> Workload:
    """The workload with its bundled spec. RLS-004 when there is none of that name, WRK-003 for its spec."""
    if name not in (there := names()):
        raise FalajError("RLS-004", f"workload {name[:60]!r}", f"it is not bundled; there are {', '.join(there)}")
    return import_module(f"workloads.{name}.workload").workload()

"""The workloads that come with the platform, by name. Imports nothing heavy."""

from importlib import import_module

from infra.catalog.workloads import workloads
from infra.errors import FalajError
from workloads.lib.lifecycle.workload import Workload


def bundled(name: str) -> Workload:
    """The workload with its bundled spec. RLS-004 when there is none of that name, WRK-003 for its spec."""
    if name not in (there := workloads()):
        raise FalajError("RLS-004", f"workload {name[:60]!r}", f"it is not bundled; there are {', '.join(there)}")
    return import_module(f"workloads.{name}.workload").workload()

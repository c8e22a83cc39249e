"""Take a simulated region away: its processes, its ports, its files."""

import shutil

from components.local import processes
from infra.sim.state import FILE, Sim, folder_of


def stop(sim: Sim) -> None:
    """Nothing of it is left."""
    folder = sim.programs
    if folder.exists():
        processes.shut_down(folder)
        processes.sweep(folder)
        processes.clear_runtime(folder)
    (folder_of(sim.name) / FILE).unlink(missing_ok=True)
    shutil.rmtree(folder_of(sim.name), ignore_errors=True)

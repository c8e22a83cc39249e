"""Take a simulated region away: its processes, its ports, its files."""

import shutil

from components.local import processes
from infra.sim.state import FILE, Sim


def stop(sim: Sim) -> None:
    """Nothing of it is left."""
    folder = sim.programs
    if folder.exists():
        processes.shut_down(folder)
        processes.sweep(folder)
        processes.clear_runtime(folder)
    (sim.folder / FILE).unlink(missing_ok=True)
    shutil.rmtree(sim.folder, ignore_errors=True)

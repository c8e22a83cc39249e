"""Services of the simulated region that a process of this machine answers for, such as webhooks."""

import json
from pathlib import Path

from infra.sim.state import Sim

FILE = "routes.json"


def lead(sim: Sim, service: str, port: int) -> None:
    """From now on the API server's calls to the service, `namespace/name`, come to this port of 127.0.0.1."""
    said = {**read(sim.folder), service: port}
    draft = sim.folder / f"{FILE}.new"
    draft.write_text(json.dumps(said, indent=1))
    draft.replace(sim.folder / FILE)


def read(folder: Path) -> dict[str, int]:
    """Ports of this machine by service."""
    file = folder / FILE
    return json.loads(file.read_text()) if file.exists() else {}

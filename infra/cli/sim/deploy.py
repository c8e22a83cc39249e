"""`falaj sim deploy`: a stack's own program, planned, gated and applied onto its simulated region."""

import time
from pathlib import Path

from infra.checks import checked
from infra.cli.output import OK, guarded
from infra.cli.up import applied, tell
from infra.home import PROJECT


def deploy(name: str, as_json: bool) -> int:
    """Stand a stack up in the simulated region of that name; no cloud is asked anything."""
    from infra.sim.state import find

    def command() -> int:
        sim = find(name)
        return deployed(sim.stack, sim.folder, sim.kubeconfig, as_json)

    return guarded(as_json, command)


def deployed(stack: str, folder: Path, kubeconfig: Path, as_json: bool, *, project: Path = PROJECT) -> int:
    """The same, onto the cluster of a kubeconfig; its state goes into the folder."""
    from infra.plan.rehearsal import simulated

    started = time.monotonic()
    settings = checked(stack)
    with simulated(stack, folder, kubeconfig, project=project) as engine, engine.locked():
        said, changes = applied(engine, settings, quiet=as_json)
    tell(engine, said, changes, seconds=time.monotonic() - started, as_json=as_json)
    return OK

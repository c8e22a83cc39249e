"""The engine with the plan providers, in a home that is thrown away: what it does touches nothing that lasts."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.backend import where
from infra.engine import Engine, Preview
from infra.home import PROJECT
from infra.plan import exported
from infra.plan.serve import attached
from infra.settings import load, stack_file
from infra.sim.network import routes
from policies.gate.about import SIMULATED

_AT_THE_END = {"PULUMI_SKIP_CHECKPOINTS": "true"}


@contextmanager
def rehearsal(stack: str, *, project: Path = PROJECT, state: Path | None = None) -> Generator[Engine]:
    """An engine for the stack, on an exported state if one is given, else on none at all. PLAN-002 as `exported`."""
    found = exported.resources(state, stack) if state else []
    with attached() as providers, tempfile.TemporaryDirectory(prefix="falaj-plan-") as folder:
        engine = Engine(stack, home=Path(folder), project=project, added=providers)
        engine.prepare()
        if found:
            engine.adopt(exported.reopened(found))
        yield engine


@contextmanager
def simulated(stack: str, folder: Path, kubeconfig: Path, *, project: Path = PROJECT) -> Generator[Engine]:
    """An engine that applies a stack onto a simulated region: its state in that folder, its objects in that cluster.

    What is of a cloud is only said to be there. The state is written when all is done, and not at every step: with the
    cluster's types in it the engine takes longer to write it than to make an object, and what a killed run made is
    found by the next one.
    """
    backend = where(load(stack_file(stack)))[0] or f"file://{folder / 'state'}"
    with attached(cluster=kubeconfig, answered=routes.read(folder)) as providers:
        added = {**providers, SIMULATED: backend, **_AT_THE_END}
        yield Engine(stack, home=folder, project=project, added=added, simulated=True)


def planned(stack: str, *, project: Path = PROJECT, state: Path | None = None) -> Preview:
    """What an `up` of the stack would do; nothing is asked of any cloud.

    What the state has protected is said to be protected in the steps: the engine would refuse those that delete it.
    """
    with rehearsal(stack, project=project, state=state) as engine:
        preview = engine.plan()
    kept = exported.protected(exported.resources(state, stack)) if state else frozenset[str]()
    steps: list[dict[str, Any]] = preview.json.get("steps") or []
    for step in steps:
        if step["urn"] in kept and step.get("oldState"):
            step["oldState"]["protect"] = True
    return preview

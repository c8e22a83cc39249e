"""A trial: a model behind a router of its own for as long as it is measured, before the gate says a word."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from workloads.lib.platform import Platform
from workloads.lib.serve.endpoint import running, url
from workloads.lib.serve.plan import Arm, Plan
from workloads.lib.serve.rollout import ROUTER, app, start_models, start_router
from workloads.lib.serve.scale import Scale


@contextmanager
def trial(platform_file: Path, platform: Platform, name: str, digest: str) -> Generator[str]:
    """The URL to ask. Nobody is sent there, what it logs goes with it, and the model stays if it was served before.

    WRK-007, WRK-013, WRK-014 as for `deploy`.
    """
    place, store = f"{name}-trial", platform.open_store()
    plan = Plan(experiment="trial", arms=(Arm(name="candidate", model=digest),))
    with running(platform) as serve:
        there = app(name, digest) in serve.status().applications
        try:
            start_models(serve, platform_file, name, plan, Scale())
            start_router(serve, platform_file, name, plan, ROUTER, place)
            yield url(platform, f"/{place}/predict")
        finally:
            serve.delete(place)
            if not there:
                serve.delete(app(name, digest))
            for segment in store.names(f"requests/{place}/"):
                store.delete(segment)

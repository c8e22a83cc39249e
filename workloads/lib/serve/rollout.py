# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Roll a plan out: first its models start, then the router follows the plan, then models of the old plan stop.

So requests are answered all the time, and a plan that cannot start leaves the one before as it is.
"""

from pathlib import Path
from typing import Any

from workloads.lib import fingerprint
from workloads.lib.platform import Platform
from workloads.lib.registry.allowed import require_allowed
from workloads.lib.serve.endpoint import running, start
from workloads.lib.serve.plan import Plan
from workloads.lib.serve.scale import Scale

ROUTER = Scale(ongoing=512, queued=2048)


def roll_out(
    platform_file: Path, platform: Platform, name: str, plan: Plan, scale: Scale | None = None, router: Scale = ROUTER
) -> None:
    """Serve the plan at `/name`. REG-004 when the release gate has not allowed the model of an arm.

    WRK-007, WRK-013, WRK-014 as for `deploy`.
    """
    for arm in plan.arms:
        require_allowed(platform.decision_log, arm.decision, name, arm.model)
    with running(platform) as serve:
        apply(serve, platform_file, name, plan, scale, router)


def apply(
    serve: Any, platform_file: Path, name: str, plan: Plan, scale: Scale | None = None, router: Scale = ROUTER
) -> None:
    """`roll_out` on the Serve that this process is connected to, of models that were allowed."""
    start_models(serve, platform_file, name, plan, scale or Scale())
    start_router(serve, platform_file, name, plan, router, name)
    for old in served_models(serve, name) - {app(name, digest) for digest in plan.models()}:
        serve.delete(old)


def start_models(serve: Any, platform_file: Path, name: str, plan: Plan, scale: Scale) -> None:
    """Each an application of its own, without a route: they are asked through a router alone."""
    from workloads.lib.serve.variant import Variant

    for digest in plan.models():
        arguments = (str(platform_file), name, digest, scale.model_dump())
        version = fingerprint.of_value([_code(), *arguments])
        start(serve, _pinned(Variant, version, scale).bind(*arguments), app(name, digest), None)


def start_router(serve: Any, platform_file: Path, name: str, plan: Plan, scale: Scale, place: str) -> None:
    """The router at `/place`, which follows the plan and logs under that name."""
    from workloads.lib.serve.router import Router

    arguments = (str(platform_file), name, place)
    following: Any = _pinned(Router, fingerprint.of_value([_code(), *arguments]), scale)
    following = following.options(user_config=plan.model_dump(mode="json"))
    start(serve, following.bind(*arguments), place, f"/{place}")


def app(name: str, digest: str) -> str:
    """The Serve application of a model."""
    return f"{name}.{digest.removeprefix('sha256:')[:16]}"


def served_models(serve: Any, name: str) -> set[str]:
    """The applications of all models of that endpoint."""
    return {found for found in serve.status().applications if found.startswith(f"{name}.")}


def _pinned(deployment: Any, version: str, scale: Scale) -> Any:
    """With the version by which Serve knows that replicas may stay: without one it restarts them at every call."""
    return deployment.options(**scale.options(), version=version, _internal=True)


def _code() -> str:
    return fingerprint.of_code(Path(__file__).parents[1])

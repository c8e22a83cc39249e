# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""An endpoint as Serve's configuration names it, `workloads.lib.serve.application:build`: how a RayService has it.

One model behind the router, in one application. Experiments are for `roll_out`, which gives each model its own.
"""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from infra.errors import FalajError
from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import Platform
from workloads.lib.registry.alias import PRODUCTION
from workloads.lib.registry.allowed import require_allowed
from workloads.lib.registry.log import Log, pointed
from workloads.lib.serve.plan import Plan
from workloads.lib.serve.rollout import ROUTER
from workloads.lib.serve.scale import Scale


class Asked(BaseModel):
    """The configuration's `args`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    platform: Path
    name: str
    model: str | None = None
    """Digest; None for what `production` points at now."""
    scale: Scale = Scale()


def build(args: Asked) -> Any:
    """The application. REG-003 when nothing is in production, REG-004 when the release gate never allowed the model."""
    from workloads.lib.serve.router import Router
    from workloads.lib.serve.variant import Variant

    platform = Platform.load(args.platform)
    model, decision = _model(platform.open_store(), args.name, args.model)
    require_allowed(platform.decision_log, decision, args.name, model)
    plan = Plan.alone(model, decision).model_dump(mode="json")
    file, scale, variant, router = str(args.platform), args.scale, Variant, Router
    bound: Any = variant.options(**scale.options()).bind(file, args.name, model, scale.model_dump())
    spread = ROUTER.model_copy(update={"min": scale.min, "max": scale.max, "cpus": scale.cpus})
    following: Any = router.options(**spread.options(), user_config=plan)
    return following.bind(file, args.name, args.name, {model: bound})


def _model(store: ObjectStore, name: str, model: str | None) -> tuple[str, str]:
    """The model's digest, and the decision by which it came into production."""
    past = Log(store, name).records()
    digest = model or pointed(past).get(PRODUCTION)
    if digest is None:
        raise FalajError("REG-003", f"model {name}", f"none is in {PRODUCTION}: run the workload first")
    decisions = [record.decision for record in past if (record.pointer, record.model) == (PRODUCTION, digest)]
    return digest, decisions[-1] if decisions else ""

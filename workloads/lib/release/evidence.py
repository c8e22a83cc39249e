"""The evidence of a release: one document of parts, each made where it is known, none by the one who asks.

What was measured lies in the model's own entry (`card.json`), so it is signed, too. What the platform knows (rollback
target, lineage, residency, latency, champion) is read anew for every question. A part that nobody supplied is null, and
the gate's rules deny it: nothing has a default.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict

from infra.errors import FalajError
from workloads.lib import serve
from workloads.lib.lineage import log as lineage
from workloads.lib.lineage.query import Graph
from workloads.lib.object_store import ObjectStore, digest
from workloads.lib.platform import Platform
from workloads.lib.registry import Model, Registry
from workloads.lib.registry.alias import PRODUCTION
from workloads.lib.registry.log import Log, pointed
from workloads.lib.workspace import Workspace

NONE = "none"
"""In place of a digest: there is no champion, nothing to go back to."""
PROFILE = "profile.json"
TRANSFORMS = ("transform.json", "features.json")
Part = dict[str, Any] | None


class Evidence(BaseModel):
    """The `release` of the gate document. docs/release.md says what each part holds and which rule reads it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    workload: str
    task: str | None = None
    model: str
    digest: str
    signature: dict[str, Any]
    data: Part = None
    code: Part = None
    environment: Part = None
    evaluation: Part = None
    fairness: Part = None
    champion: Part = None
    slices: Part = None
    calibration: Part = None
    robustness: Part = None
    latency: Part = None
    lineage: Part = None
    consent: Part = None
    residency: Part = None
    card: Part = None
    dataset: Part = None
    rollback: Part = None
    monitor: Part = None


MEASURED = ("evaluation", "fairness", "slices", "calibration", "robustness")
STATED = ("card", "dataset")
"""Both are parts of the entry's `card.json`: made by the evaluation step, and when it was registered."""


def gather(platform: Platform, registry: Registry, model: Model) -> Evidence:
    """All that is known about a verified entry of the registry on this platform."""
    card: dict[str, Any] = model.json("card.json")
    at = current(registry, model.name)
    return Evidence(
        workload=model.name,
        task=card.get("task"),
        model=model.name,
        digest=model.digest,
        signature=model.signature,
        **{part: model.facts.get(part) for part in ("data", "code", "environment", "consent")},
        **{part: card.get(part) for part in (*MEASURED, *STATED)},
        monitor=_monitor(card, model),
        champion=_champion(registry.store, model, at),
        latency=sealed(registry.store, model, "latency"),
        lineage=_lineage(registry, model),
        residency=_residency(platform, model.name),
        rollback=_rollback(registry, model, at),
    )


def current(registry: Registry, name: str) -> str:
    """The digest that `production` points at, or `none`."""
    return pointed(Log(registry.store, name).records()).get(PRODUCTION, NONE)


def sealed(store: ObjectStore, model: Model, part: str) -> Part:
    """What was last measured of this very model, `latency` or `champion`; None when nothing was."""
    return about(store, model.name, model.digest).find_json(part)


def about(store: ObjectStore, name: str, model: str) -> Workspace:
    """Where what belongs to a model's release is sealed: `request`, `latency`, `champion`, `decision`."""
    return Workspace(store, f"release/{name}/{model.removeprefix('sha256:')[:32]}")


def _champion(store: ObjectStore, model: Model, at: str) -> Part:
    """The last comparison, when it is with whom `production` points at now; of the champion itself its last one."""
    if at == NONE:
        return {"digest": NONE}
    compared: dict[str, Any] = sealed(store, model, "champion") or {}
    return compared if compared.get("digest") == at or (compared and at == model.digest) else None


def _rollback(registry: Registry, model: Model, at: str) -> Part:
    """What production would go back to: what it points at now, or pointed at before when that is this model itself."""
    records = [record for record in Log(registry.store, model.name).records() if record.pointer == PRODUCTION]
    earlier = [record.model for record in records if record.model not in (None, model.digest)]
    to = at if at not in (NONE, model.digest) else earlier[-1] if earlier else None
    if to is None:
        return {"to": NONE}
    try:
        registry.load(model.name, to)
    except FalajError as error:
        return {"to": to, "verified": False, "problem": error.code}
    return {"to": to, "verified": True}


def _lineage(registry: Registry, model: Model) -> Part:
    graph = Graph.of(lineage.events(registry.store))
    ids = [thing.id for thing in graph.of_kind("model") if thing.digest == model.digest]
    transform = next((model.files[file] for file in TRANSFORMS if file in model.files), None)
    return {
        "run": model.facts.get("run"),
        "features": digest(transform) if transform else None,
        "sources": [thing.id for thing in graph.upstream(*ids).of_kind("source")] if ids else [],
    }


def _residency(platform: Platform, name: str) -> Part:
    """Data and models lie in the one sealed store."""
    store = platform.store.path.resolve().as_uri()
    endpoint = serve.url(platform, f"/{name}/predict")
    return {"jurisdiction": platform.jurisdiction, "data": store, "model": store, "endpoint": endpoint}


def _monitor(card: dict[str, Any], model: Model) -> Part:
    """Who hears of alarms, as the card says; the reference profile is what the entry holds."""
    profile = model.files.get(PROFILE)
    return {**card.get("monitor", {}), "profile": digest(profile) if profile else None}

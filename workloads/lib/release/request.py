"""A request for a release: what the gate is asked, sealed, with who asks and what was answered.

Requested by its author, approved by others (their signatures lie with the gate's decisions), promoted by anybody after
the gate was asked again. A rollback waits for nobody: it goes to a model that the gate allowed before.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict

from infra.errors import FalajError
from policies.gate import approvals
from policies.gate.decision import Decision
from workloads.lib import serve
from workloads.lib.platform import Platform
from workloads.lib.registry import Registry, alias
from workloads.lib.registry.find import find
from workloads.lib.registry.log import Log, Record
from workloads.lib.registry.who import Who
from workloads.lib.release import evidence, latency
from workloads.lib.release.judge import ask


class Request(BaseModel):
    """Who asks for the release of which model, by which thresholds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    model: str
    author: str
    thresholds: dict[str, Any]


def request(platform: Platform, name: str, wanted: str, thresholds: dict[str, Any]) -> tuple[Request, Decision]:
    """Seal the request and ask the gate; the decision may well be a deny, which says what is missing."""
    registry = Registry(platform.open_store())
    made = Request(
        name=name,
        model=find(registry, name, wanted),
        author=Who.runs().name,
        thresholds=thresholds,
    )
    decision = judge(platform, registry, made)
    evidence.about(registry.store, name, made.model).put_json("request", made.model_dump())
    return made, decision


def asked(platform: Platform, name: str, wanted: str) -> Request:
    """The request about that model. RLS-004 when there is none."""
    return _asked(Registry(platform.open_store()), name, wanted)


def _asked(registry: Registry, name: str, wanted: str) -> Request:
    model = find(registry, name, wanted)
    sealed = evidence.about(registry.store, name, model).find_json("request")
    if sealed is None:
        raise FalajError("RLS-004", f"model {name}", f"nobody asked for the release of {model}")
    found = Request.model_validate(sealed)
    if (found.name, found.model) != (name, model):
        raise FalajError("RLS-004", f"model {name}", f"the request is about {found.name} {found.model}")
    return found


def judge(platform: Platform, registry: Registry, made: Request) -> Decision:
    """The gate's decision about the request as things are now."""
    gathered = evidence.gather(platform, registry, registry.load(made.name, made.model)).model_dump(mode="json")
    return ask(platform, gathered, made.thresholds, made.author)


def approvable(platform: Platform, name: str, wanted: str, by: str) -> Request:
    """The request that `by` may approve. RLS-005 for the author's own."""
    found = asked(platform, name, wanted)
    if found.author.lower() == by.lower():
        raise FalajError("RLS-005", f"model {name} {found.model[:19]}", f"{by} asked for its release")
    return found


def promote(platform: Platform, name: str, wanted: str, why: str) -> tuple[Decision, Record | None]:
    """Ask the gate again and move `production`; None when it points there already. Raises the gate's deny."""
    registry = Registry(platform.open_store())
    made = _asked(registry, name, wanted)
    before = alias.current(registry.store, name, alias.PRODUCTION)
    decision = judge(platform, registry, made)
    decision.raise_if_denied()
    moved = alias.move(
        registry.store,
        name,
        alias.PRODUCTION,
        made.model,
        why=why,
        decision=decision.decision_id,
        decisions=platform.decision_log,
        expected=before or "",
    )
    return decision, moved


def rollback(platform: Platform, name: str, to: str, why: str) -> Record:
    """`production` points at what it pointed at before, verified, on the decision that allowed it then."""
    store, log = platform.open_store(), platform.decision_log
    return alias.rollback(store, name, alias.PRODUCTION, to, why=why, decisions=log)


def status(platform: Platform, name: str) -> dict[str, Any]:
    """What production points at, its moves, and the requests that are open with their approvals."""
    registry = Registry(platform.open_store())
    moves = [one.model_dump() for one in Log(registry.store, name).records() if one.pointer == alias.PRODUCTION]
    at = evidence.current(registry, name)
    moved = {one["model"] for one in moves}
    requests: list[dict[str, Any]] = []
    for model in registry.entries(name):
        if model in moved:
            continue
        if sealed := evidence.about(registry.store, name, model).find_json("request"):
            given = approvals.facts(platform.decision_log.parent, model)
            requests.append({"model": model, "author": sealed["author"], "approvals": given})
    return {
        "name": name,
        "production": at,
        "served": serve.served(platform, f"/{name}"),
        "moves": moves,
        "requests": requests,
    }


def measure(platform: Platform, name: str, wanted: str, bodies: list[Any], url: str, requests: int) -> dict[str, Any]:
    """Measure the model's latency where it is served and seal it as evidence of this model."""
    registry = Registry(platform.open_store())
    model = find(registry, name, wanted)
    found = latency.measure(url or serve.url(platform, f"/{name}/predict"), bodies, model, requests=requests)
    evidence.about(registry.store, name, model).put_json("latency", found)
    return found

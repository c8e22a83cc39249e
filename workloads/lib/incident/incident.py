"""Open an incident, and take it through its stages. Each step is a record with who and why; nothing is ever changed.

made = open_(platform, "employment", alarm=alarm, model=digest, personal=True)    # employment-1
acknowledge(store, made.id, why="looking at it")
judge(store, made.id, "no", why="drift of a column, nothing left the platform")   # stops the breach clocks
contain(…) · recover(…) · close(…)
"""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from infra.errors import FalajError
from workloads.lib import serve
from workloads.lib.incident import breach
from workloads.lib.incident.log import STAGES, Bound, Breach, Incident, Log, Record, Seen, incidents
from workloads.lib.incident.severity import Severity, severity
from workloads.lib.monitor.raised import Raised
from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import Platform
from workloads.lib.registry.alias import PRODUCTION
from workloads.lib.registry.entry import checked
from workloads.lib.registry.log import Log as RegistryLog
from workloads.lib.registry.log import pointed
from workloads.lib.registry.who import Who


def open_(
    platform: Platform,
    name: str,
    *,
    alarm: Raised,
    model: str,
    severity: Severity | None = None,
    personal: bool,
    why: str = "",
    who: Who | None = None,
    now: datetime | None = None,
) -> Incident:
    """A new incident about `model`, an entry of `name`, bound to what aliases and endpoint are at now.

    The open incident of the same alarm about the same model when there is one: asked again, it opens no second. Without
    a `severity` the rule says it. personal: data of persons may be concerned, so that the breach clocks run.
    """
    checked(name, model)
    store = platform.open_store()
    with Log(store, name).writing() as log:
        known = incidents(log.past)
        for one in known.values():
            if (one.alarm.name, one.model) == (alarm.name, model) and not one.closed:
                return one
        bound = _bound(platform, store, name)
        facts = {
            "name": name,
            "model": model,
            "severity": severity or _severity(alarm, model, bound),
            "alarm": _seen(alarm).model_dump(mode="json"),
            "bound": bound.model_dump(mode="json"),
            "regimes": list(platform.regimes),
            "personal": personal,
        }
        why = why or f"the alarm {alarm.name} ({alarm.kind}) is {alarm.state}"
        return log.add(f"{name}-{len(known) + 1}", "open", why, facts, who, now)


def acknowledge(
    store: ObjectStore,
    incident: str,
    *,
    why: str,
    severity: Severity | None = None,
    who: Who | None = None,
    now: datetime | None = None,
) -> Incident:
    """Somebody looks after it; `severity` when triage finds another one."""
    return _step(store, incident, "acknowledge", why, {"severity": severity} if severity else {}, who, now)


def contain(
    store: ObjectStore, incident: str, *, why: str, who: Who | None = None, now: datetime | None = None
) -> Incident:
    """It does no more harm: rolled back, or taken out of service. May be done by a machine before anybody looked."""
    return _step(store, incident, "contain", why, {}, who, now)


def recover(
    store: ObjectStore, incident: str, *, why: str, who: Who | None = None, now: datetime | None = None
) -> Incident:
    """Service is as it should be. INC-003 when it was not contained."""
    return _step(store, incident, "recover", why, {}, who, now)


def close(
    store: ObjectStore, incident: str, *, why: str, who: Who | None = None, now: datetime | None = None
) -> Incident:
    """Nothing is left to do; `why` is the review: what was the cause, what was learned.

    INC-004 while it is not acknowledged or recovered, nobody has said whether it is a breach, or an authority waits.
    """
    return _step(store, incident, "close", why, {}, who, now)


def note(
    store: ObjectStore, incident: str, *, why: str, who: Who | None = None, now: datetime | None = None
) -> Incident:
    """Add to the timeline, also after the end."""
    return _step(store, incident, "note", why, {}, who, now)


def judge(
    store: ObjectStore,
    incident: str,
    found: Breach,
    *,
    why: str,
    aware: datetime | None = None,
    who: Who | None = None,
    now: datetime | None = None,
) -> Incident:
    """Say whether it is a breach of personal data: `no` stops the clocks, `yes` makes it critical.

    aware: since when somebody knew, when that was before now. It never moves a running clock to a later instant.
    """
    known = _past(aware, now, incident)
    return _step(store, incident, "breach", why, {"breach": found, "aware": known.isoformat()}, who, now)


def notify(
    store: ObjectStore,
    incident: str,
    regime: str,
    *,
    why: str,
    exempt: bool = False,
    at: datetime | None = None,
    who: Who | None = None,
    now: datetime | None = None,
) -> Incident:
    """Record that the authority of a regime was told; `why` holds its reference. Once. INC-006 for no such clock.

    exempt: that it need not be told, as where nobody is at risk (GDPR, article 33(1)); `why` says who found so.
    """
    told = _past(at, now, incident).isoformat()
    return _step(store, incident, "notify", why, {"regime": regime, "at": told, "exempt": exempt}, who, now)


def find(store: ObjectStore, incident: str) -> tuple[Incident, list[Record]]:
    """The incident and its records, oldest first. INC-002 when there is none."""
    log = _log(store, incident)
    records = log.records()
    return _known(incidents(records), incident), [record for record in records if record.incident == incident]


def every(store: ObjectStore) -> list[Incident]:
    """All incidents of all names, in the order in which they were opened for each."""
    names = sorted({found.split("/")[1] for found in store.names("incidents/")})
    return [incident for name in names for incident in incidents(Log(store, name).records()).values()]


def clocks(incident: Incident) -> list[breach.Clock]:
    """Its breach clocks that run, or were stopped by telling the authority; the soonest first."""
    if incident.aware is None:
        return []
    return breach.clocks(incident.regimes, incident.aware, incident.notified, incident.exempt)


def _step(
    store: ObjectStore,
    incident: str,
    kind: Any,
    why: str,
    facts: dict[str, Any],
    who: Who | None,
    now: datetime | None,
) -> Incident:
    with _log(store, incident).writing() as log:
        before = _known(incidents(log.past), incident)
        _allowed(before, kind, facts)
        return log.add(incident, kind, why, facts, who, now)


def _allowed(incident: Incident, kind: str, facts: dict[str, Any]) -> None:
    problem, place = "", f"incident {incident.id}"
    if kind == "close" and not incident.closed and (missing := _missing(incident)):
        raise FalajError("INC-004", place, missing)
    if kind == "notify" and facts["regime"] not in (running := [clock.regime for clock in clocks(incident)]):
        told = f"no clock of {facts['regime'][:40]!r} runs, {', '.join(running) or 'none'} does"
        raise FalajError("INC-006", place, told)
    if incident.closed and kind != "note":
        problem = f"it was closed at {_told(incident.closed)}"
    elif kind in STAGES and (reached := getattr(incident, STAGES[kind])):
        problem = f"it was {STAGES[kind]} at {_told(reached)} already"
    elif kind == "recover" and not incident.contained:
        problem = "it is not contained"
    elif kind == "notify" and (told := incident.notified.get(facts["regime"])):
        problem = f"the authority was told at {_told(told)} already"
    if problem:
        raise FalajError("INC-003", place, problem)


def _missing(incident: Incident) -> str:
    """What has to happen before it can be closed."""
    wanted = [stage for stage in ("acknowledged", "recovered") if not getattr(incident, stage)]
    if wanted:
        return f"it is not {' and not '.join(wanted)}"
    if incident.personal and incident.breach == "unknown":
        return "nobody has said whether it is a breach of personal data"
    waiting = [clock.regime for clock in clocks(incident) if not clock.notified]
    return f"it is a breach, and the authority was not told: {', '.join(waiting)}" if waiting else ""


def _bound(platform: Platform, store: ObjectStore, name: str) -> Bound:
    """What points where; nothing where the registry's log is broken, which may be what the incident is about."""
    aliases, head, log = dict[str, str](), "", RegistryLog(store, name)
    with suppress(FalajError):
        head, aliases = str(log.chain.head()), pointed(log.records())
    endpoint = serve.url(platform, f"/{name}")
    return Bound(aliases=aliases, head=head, endpoint=endpoint, served=serve.served(platform, f"/{name}"))


def _severity(alarm: Raised, model: str, bound: Bound) -> Severity:
    return severity(alarm.kind, answers=model in (bound.served, bound.aliases.get(PRODUCTION)))


def _seen(alarm: Raised) -> Seen:
    """What is no JSON in the detail becomes text, and what is no number none: an incident is opened in any case."""
    detail = json.loads(json.dumps(dict(alarm.detail), default=str), parse_constant=lambda _: None)
    return Seen(name=alarm.name, kind=alarm.kind, since=alarm.since.astimezone(UTC), detail=detail)


def _log(store: ObjectStore, incident: str) -> Log:
    name, _, number = incident.rpartition("-")
    if not number.isdecimal():
        raise FalajError("INC-002", f"incident {incident[:60]!r}", "it is no name and number, such as employment-1")
    return Log(store, name)


def _known(known: dict[str, Incident], incident: str) -> Incident:
    if incident not in known:
        listed = ", ".join(list(known)[-6:]) or "none"
        raise FalajError("INC-002", f"incident {incident[:60]}", f"there is no such incident, there is {listed}")
    return known[incident]


def _past(at: datetime | None, now: datetime | None, incident: str) -> datetime:
    """The instant, in UTC; INC-006 when it has no time zone or is still to come."""
    present = (now or datetime.now(UTC)).astimezone(UTC)
    if at is None:
        return present
    if at.tzinfo is None or at > present:
        problem = "has no time zone" if at.tzinfo is None else f"is still to come, it is {_told(present)}"
        raise FalajError("INC-006", f"incident {incident}", f"{at.isoformat()} {problem}")
    return at.astimezone(UTC)


def _told(at: datetime) -> str:
    return at.isoformat(timespec="seconds")

"""The incidents of a name's models as their log tells them: one sealed hash chain, to which records are only added."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from infra.errors import FalajError
from workloads.lib.chain import Chain
from workloads.lib.incident.severity import Severity
from workloads.lib.monitor.raised import Kind as AlarmKind
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry.entry import checked
from workloads.lib.registry.who import Who

Kind = Literal["open", "acknowledge", "contain", "recover", "close", "note", "breach", "notify"]
Stage = Literal["opened", "acknowledged", "contained", "recovered", "closed"]
Breach = Literal["unknown", "yes", "no"]
STAGES: dict[str, Stage] = {"acknowledge": "acknowledged", "contain": "contained", "recover": "recovered"}
"""The stage that a record brings its incident to; `open` and `close` aside."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Record(_Model):
    """One thing that somebody did."""

    incident: str
    kind: Kind
    why: str = Field(min_length=1)
    who: Who
    facts: dict[str, Any] = {}
    at: datetime
    clock_back: float = 0
    """Seconds by which the clock stood before the record in front of this one."""


class Seen(_Model):
    """The alarm, as it was when the incident was opened."""

    name: str
    kind: AlarmKind
    since: datetime
    detail: dict[str, Any]


class Bound(_Model):
    """The model's state when the incident was opened."""

    aliases: dict[str, str]
    """What every alias and open branch of the name pointed at."""
    head: str
    """Head of the registry's log."""
    endpoint: str
    served: str | None
    """Digest of the model that the endpoint said it serves; None when nobody answered."""


class Incident(_Model):
    """An incident after all its records."""

    id: str
    name: str
    model: str
    severity: Severity
    alarm: Seen
    bound: Bound
    regimes: tuple[str, ...]
    """Of the platform, when it was opened."""
    personal: bool
    """Whether data of persons may be concerned."""
    breach: Breach = "unknown"
    """Whether it is a breach of personal data; for people to say."""
    opened: datetime
    acknowledged: datetime | None = None
    contained: datetime | None = None
    recovered: datetime | None = None
    closed: datetime | None = None
    aware: datetime | None = None
    """Since when the breach clocks run; None while none does."""
    notified: dict[str, datetime] = {}
    """Regime to the instant at which its authority was told, or found to need no telling."""
    exempt: tuple[str, ...] = ()
    """Regimes of the latter."""

    @property
    def stage(self) -> Stage:
        """The furthest it has come."""
        reached: list[Stage] = ["opened", *(stage for stage in STAGES.values() if getattr(self, stage))]
        return "closed" if self.closed else reached[-1]


@dataclass(frozen=True)
class Log:
    """The log of the incidents of one name's models; INC-001 when it is not as written."""

    store: ObjectStore
    name: str

    @property
    def chain(self) -> Chain:
        """Where it is kept."""
        checked(self.name)
        return Chain(self.store, f"incidents/{self.name}", "INC-001")

    def records(self) -> list[Record]:
        """Every record, oldest first."""
        return [Record.model_validate(one) for one in self.chain.read()]

    @contextmanager
    def writing(self) -> Generator["Writer"]:
        """Keep other writers out: what is read in here stays true until the end."""
        with self.chain.writing() as append:
            yield Writer(self.records(), lambda record: append(record.model_dump(mode="json")))


@dataclass(frozen=True)
class Writer:
    """The log while nobody else writes."""

    past: list[Record]
    _write: Callable[[Record], Any]

    def add(
        self,
        incident: str,
        kind: Kind,
        why: str,
        facts: dict[str, Any],
        who: Who | None,
        now: datetime | None,
    ) -> Incident:
        """Write a record; the incident after it. INC-006 without a reason."""
        if not why.strip():
            raise FalajError("INC-006", f"incident {incident}", f"{kind} was asked for without a why")
        at = (now or datetime.now(UTC)).astimezone(UTC)
        last = self.past[-1].at if self.past else at
        back = round(max(0.0, (last - at).total_seconds()), 3)
        record = Record(
            incident=incident, kind=kind, why=why.strip(), who=who or Who.runs(), facts=facts, at=at, clock_back=back
        )
        self._write(record)
        self.past.append(record)
        return incidents(self.past)[incident]


def incidents(records: Iterable[Record]) -> dict[str, Incident]:
    """Every incident by its id, the oldest first, after these records."""
    found: dict[str, Incident] = {}
    for record in records:
        before = found.get(record.incident)
        found[record.incident] = _after(before, record) if before else _opened(record)
    return found


def _opened(record: Record) -> Incident:
    aware = record.at if record.facts["personal"] else None
    return Incident.model_validate({**record.facts, "id": record.incident, "opened": record.at, "aware": aware})


def _after(incident: Incident, record: Record) -> Incident:
    at, facts = record.at, record.facts
    match record.kind:
        case "acknowledge" | "contain" | "recover":
            changed = {STAGES[record.kind]: at, **facts}
        case "close":
            changed = {"closed": at}
        case "breach":
            changed = _judged(incident, facts["breach"], datetime.fromisoformat(facts["aware"]))
        case "notify":
            changed = {"notified": {**incident.notified, facts["regime"]: datetime.fromisoformat(facts["at"])}}
            changed |= {"exempt": (*incident.exempt, facts["regime"])} if facts["exempt"] else {}
        case _:
            changed = {}
    return incident.model_copy(update=changed)


def _judged(incident: Incident, breach: Breach, aware: datetime) -> dict[str, Any]:
    """A breach is critical, and the clocks run from the earliest instant that was ever told."""
    if breach == "no":
        return {"breach": breach, "aware": None}
    known = incident.opened if incident.personal else aware
    return {"breach": breach, "personal": True, "severity": "critical", "aware": min(aware, incident.aware or known)}

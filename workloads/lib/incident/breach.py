"""The breach clock: by when which authority has to hear of it, where data of persons may be concerned.

It runs from the opening of an incident, the latest instant at which one can claim to know, until triage finds that it
is no breach. That is earlier than a court may ask for, never later.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

TABLE = Path(__file__).parent / "breach.yaml"
Status = Literal["verified", "unverified"]


class Rule(BaseModel):
    """What one regime asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    law: str
    wording: str
    hours: float = Field(ge=0)
    """0 is immediately."""
    to: str
    zone: str
    """The authority's time zone (IANA)."""
    reference: Status
    period: Status
    source: str = Field(min_length=1)

    @property
    def certain(self) -> bool:
        """Whether article and hours were both read in the source."""
        return self.reference == self.period == "verified"


@dataclass(frozen=True)
class Clock:
    """One regime's clock of one incident. All instants are in UTC but `local`."""

    regime: str
    rule: Rule
    aware: datetime
    notified: datetime | None = None
    exempt: bool = False
    """Whether `notified` is when the authority was found to need no telling."""

    @property
    def due(self) -> datetime:
        """By when the authority has to hear of it."""
        return self.aware + timedelta(hours=self.rule.hours)

    @property
    def local(self) -> datetime:
        """The same instant as the authority's clock shows it."""
        return self.due.astimezone(ZoneInfo(self.rule.zone))

    def left(self, now: datetime) -> timedelta:
        """What remains, or remained when the authority was told; negative when it is overdue, or was told late."""
        return self.due - (self.notified or now)

    def state(self, now: datetime) -> Literal["runs", "overdue", "told", "told late", "exempt"]:
        """How it stands."""
        if self.exempt:
            return "exempt"
        late = self.left(now) < timedelta(0)
        return ("told late" if late else "told") if self.notified else ("overdue" if late else "runs")

    def as_dict(self, now: datetime) -> dict[str, Any]:
        """As JSON; seconds for what is left."""
        return {
            "regime": self.regime,
            "law": self.rule.law,
            "wording": self.rule.wording,
            "to": self.rule.to,
            "certain": self.rule.certain,
            "source": self.rule.source,
            "aware": self.aware.isoformat(),
            "due": self.due.isoformat(),
            "local": self.local.isoformat(),
            "notified": self.notified and self.notified.isoformat(),
            "left_seconds": round(self.left(now).total_seconds()),
            "state": self.state(now),
        }


@cache
def rules() -> dict[str, Rule]:
    """Every regime that has a clock."""
    return TypeAdapter(dict[str, Rule]).validate_python(yaml.safe_load(TABLE.read_text()))


def clocks(
    regimes: Iterable[str], aware: datetime, notified: Mapping[str, datetime], exempt: Container[str] = ()
) -> list[Clock]:
    """The clocks of those regimes that have one, the soonest first."""
    known = rules()
    found = [Clock(name, known[name], aware, notified.get(name), name in exempt) for name in regimes if name in known]
    return sorted(found, key=lambda clock: (clock.due, clock.regime))

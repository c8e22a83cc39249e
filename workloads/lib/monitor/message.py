"""A message about a model: what alarms, since when, what was done. What was seen in the rows stays in the store."""

from datetime import UTC, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from workloads.lib.fingerprint import of_value
from workloads.lib.monitor.raised import Kind, Raised, State


class Message(BaseModel):
    """Names, digests and instants only: it leaves the platform."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """The same for the same news, so that nobody need be told twice."""
    stack: str
    workload: str
    model: str
    alarm: str
    kind: Kind
    state: State
    since: datetime
    reaction: str = ""
    """What is done about it by itself: retrain, rollback, incident."""
    incident: str = ""
    """Id of the incident that was opened."""
    severity: str = ""

    @classmethod
    def of(
        cls, stack: str, workload: str, alarm: Raised, *, reaction: str = "", incident: str = "", severity: str = ""
    ) -> Self:
        """The news of an alarm."""
        told = {"stack": stack, "workload": workload, "reaction": reaction, "incident": incident, "severity": severity}
        about = [alarm.id, alarm.model, alarm.state, *told.values()]
        return cls(
            id=of_value(about).removeprefix("sha256:")[:32],
            model=alarm.model,
            alarm=alarm.name,
            kind=alarm.kind,
            state=alarm.state,
            since=alarm.since.astimezone(UTC),
            **told,
        )

    @property
    def subject(self) -> str:
        """In a line."""
        grave = f"{self.severity}: " if self.severity else ""
        return " ".join(f"{grave}{self.workload}: alarm {self.alarm} ({self.kind}) {self.state}".split())

    @property
    def text(self) -> str:
        """In a few lines."""
        lines = [
            f"{self.subject}, since {self.since.isoformat(timespec='seconds')}",
            f"stack {self.stack}, model {self.model}",
        ]
        if self.reaction:
            lines.append(f"done about it: {self.reaction}")
        if self.incident:
            lines.append(f"see: falaj incident show {self.incident}")
        return "\n".join(lines) + "\n"

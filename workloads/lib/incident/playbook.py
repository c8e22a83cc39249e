"""Playbooks: what is done about an alarm, by its kind, from detection to review (the stages of ITIL's practice)."""

from functools import cache
from pathlib import Path
from typing import Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from workloads.lib.incident.log import Incident
from workloads.lib.monitor.raised import Kind

TABLE = Path(__file__).parent / "playbook.yaml"
Phase = Literal["detect", "triage", "contain", "recover", "review"]
PHASES: tuple[Phase, ...] = get_args(Phase)
NEXT: dict[str, Phase] = {
    "opened": "triage",
    "acknowledged": "contain",
    "contained": "recover",
    "recovered": "review",
    "closed": "review",
}
"""What comes after an incident's stage."""


class Step(BaseModel):
    """One thing to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: str = Field(min_length=1)
    run: str = ""
    """The command that does it, when there is one."""
    auto: bool = False
    """Whether the platform does it by itself."""


def steps(kind: Kind, phase: Phase) -> list[Step]:
    """What is done in a phase about an alarm of that kind: what is always done first in it, then the kind's own."""
    table = _table()
    return [*table["common"].get(phase, []), *table[kind].get(phase, [])]


def of(incident: Incident, phase: Phase | None = None) -> list[Step]:
    """The steps of a phase for an incident, its names filled in; of the phase that comes next when none is named."""
    names = {"{id}": incident.id, "{name}": incident.name}
    found = steps(incident.alarm.kind, phase or NEXT[incident.stage])
    return [step.model_copy(update={"run": _filled(step.run, names)}) for step in found]


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text


@cache
def _table() -> dict[str, dict[Phase, list[Step]]]:
    return TypeAdapter(dict[str, dict[Phase, list[Step]]]).validate_python(yaml.safe_load(TABLE.read_text()))

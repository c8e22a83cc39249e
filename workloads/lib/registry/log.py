"""All that happens to the entries of a model's name, in one chain: moves, branches, holds, imports, collections.

The place in the chain is the order, never the clock: a clock that was set back is recorded as such.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from infra.errors import FalajError
from policies.gate.record import Head
from workloads.lib.chain import Chain
from workloads.lib.lock import held
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry.entry import LOCK, Registry, checked
from workloads.lib.registry.who import Who

Kind = Literal["move", "rollback", "branch", "close", "hold", "release", "import", "collect"]


class Record(BaseModel):
    """One thing that happened, who did it and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    pointer: str = ""
    """The alias or branch that moved."""
    was: str | None = None
    """Digest that it pointed at before."""
    model: str | None
    """Digest that it points at, or that was held, released, imported or collected; None of a branch that closed."""
    why: str = Field(min_length=1)
    who: Who
    decision: str = ""
    """Id of the gate decision that allowed it."""
    at: str
    """UTC, RFC 3339."""
    clock_back: float = 0
    """Seconds by which the clock stood before the record in front of this one."""


@dataclass(frozen=True)
class Log:
    """The log of the models of one name."""

    store: ObjectStore
    name: str

    @property
    def chain(self) -> Chain:
        """The chain it is kept in; WRK-011 when it is not as written."""
        checked(self.name)
        return Chain(self.store, f"moves/{self.name}", "WRK-011")

    def records(self, kept: Head | None = None) -> list[Record]:
        """Everything, oldest first."""
        return [Record.model_validate(record) for record in self.chain.read(kept)]

    @contextmanager
    def writing(self) -> Generator["Writer"]:
        """Keep other writers and the collector out; what is read in here stays true until the end."""
        with held(self.store, LOCK, shared=True), self.alone() as writer:
            yield writer

    @contextmanager
    def alone(self) -> Generator["Writer"]:
        """The same, for the collector, who holds the registry already."""
        with self.chain.writing() as append:
            past = self.records()

            def write(record: Record) -> Record:
                append(record.model_dump())
                return record

            yield Writer(self, past, write)


@dataclass(frozen=True)
class Writer:
    """The log while nobody else writes: its records up to now, and the next one."""

    log: Log
    past: list[Record]
    _write: Callable[[Record], Record]

    def add(
        self,
        kind: Kind,
        model: str | None,
        *,
        why: str,
        who: Who | None,
        pointer: str = "",
        decision: str = "",
        now: datetime | None = None,
    ) -> Record:
        """Write a record. REG-002 without a reason; REG-003 when there is no such entry; else as `load`."""
        if not why.strip():
            raise FalajError(
                "REG-002", f"model {self.log.name}", f"{kind} {pointer or model} was asked for without a why"
            )
        if model and kind not in ("release", "collect"):
            self._there(model, verified=kind != "hold")  # what was tampered with is kept as evidence, too
        at = now or datetime.now(UTC)
        last = datetime.fromisoformat(self.past[-1].at) if self.past else at
        record = Record(
            kind=kind,
            pointer=pointer,
            was=pointed(self.past).get(pointer),
            model=model,
            why=why.strip(),
            who=who or Who.runs(),
            decision=decision,
            at=at.isoformat(timespec="milliseconds"),
            clock_back=round(max(0.0, (last - at).total_seconds()), 3),
        )
        self.past.append(self._write(record))
        return record

    def _there(self, model: str, *, verified: bool) -> None:
        registry = Registry(self.log.store)
        if model not in registry.entries(self.log.name):
            raise FalajError("REG-003", f"model {self.log.name}", f"the registry has no entry {model[:80]}")
        if verified:
            registry.load(self.log.name, model)


def pointed(records: Iterable[Record]) -> dict[str, str]:
    """Where every alias and open branch points after these records."""
    now: dict[str, str] = {}
    for record in records:
        if record.kind == "close":
            now.pop(record.pointer, None)
        elif record.pointer and record.model:
            now[record.pointer] = record.model
    return now

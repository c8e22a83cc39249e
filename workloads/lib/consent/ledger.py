"""The consent ledger: who allowed which use, from when on. Append-only, sealed, and chained by hash.

An entry names a subject, a purpose and an instant; nothing is ever changed, a change of mind is a further entry. An
edited entry fails its seal, a missing or reordered batch breaks the chain.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from infra.errors import FalajError
from workloads.lib.fingerprint import canonical
from workloads.lib.object_store import ObjectStore, digest

START = "sha256:" + "0" * 64
State = Literal["granted", "withdrawn"]


@dataclass(frozen=True)
class Entry:
    """One statement of a person. at: since when it holds. recorded: when the ledger learned of it. Both in UTC.

    DAT-015 when an instant has no time zone, or an empty name is given.
    """

    subject: str
    purpose: str
    state: State
    at: datetime
    recorded: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None or self.recorded.tzinfo is None or not self.subject or not self.purpose:
            problem = "subject and purpose are no empty text, and both instants have a time zone"
            raise FalajError("DAT-015", f"consent for {self.purpose or '?'}", problem)

    def as_dict(self) -> dict[str, Any]:
        """As JSON; instants as RFC 3339 in UTC."""
        return {
            "subject": self.subject,
            "purpose": self.purpose,
            "state": self.state,
            "at": self.at.astimezone(UTC).isoformat(),
            "recorded": self.recorded.astimezone(UTC).isoformat(),
        }

    @classmethod
    def of_dict(cls, fields: dict[str, Any]) -> "Entry":
        """The entry `as_dict` wrote. DAT-015 when it is none."""
        names = ("subject", "purpose", "state", "at", "recorded")
        if fields.keys() != set(names) or not all(isinstance(text, str) for text in fields.values()):
            raise FalajError("DAT-015", "an entry of the ledger", f"it is to have five texts: {', '.join(names)}")
        if (state := fields["state"]) not in get_args(State):
            raise FalajError("DAT-015", f"consent for {fields['purpose']}", f"{state[:40]!r} is no state")
        try:
            at, recorded = datetime.fromisoformat(fields["at"]), datetime.fromisoformat(fields["recorded"])
            made = cls(fields["subject"], fields["purpose"], state, at, recorded)
            made.as_dict()  # an instant that has no day in UTC is none
        except (ValueError, OverflowError) as error:
            raise FalajError("DAT-015", f"consent for {fields['purpose']}", f"an instant is none: {error}") from error
        return made


@dataclass(frozen=True)
class Ledger:
    """The entries of one store, in batches `consent/00000001`, …; each names the digest of the one before it."""

    store: ObjectStore

    def append(self, entries: Iterable[Entry]) -> str:
        """Write the entries as one batch; returns its digest. Of two writers at once one is STO-009: it tries again."""
        written, previous = self._batches()
        batch = {"entries": [entry.as_dict() for entry in entries], "previous": previous}
        return self.store.put_if_absent(_object(len(written) + 1), canonical(batch))

    def entries(self) -> list[Entry]:
        """All entries, in the order they were written. DAT-014 when the chain is broken."""
        return self.read()[0]

    def read(self) -> tuple[list[Entry], str]:
        """(all entries, the head they lead to), of one reading."""
        batches, head = self._batches()
        return [Entry.of_dict(fields) for batch in batches for fields in batch], head

    def head(self) -> str:
        """The digest of the last batch: what a run writes down, to prove later which ledger it saw."""
        return self._batches()[1]

    def _batches(self) -> tuple[list[list[dict[str, Any]]], str]:
        found: list[list[dict[str, Any]]] = []
        previous = START
        for place, name in enumerate(self.store.names("consent/"), start=1):
            data = self.store.get(name)
            batch = json.loads(data)
            if name != _object(place) or batch["previous"] != previous:
                problem = f"batch {place} is {name} and follows {batch['previous']}, the one before it is {previous}"
                raise FalajError("DAT-014", "the consent ledger", problem)
            found.append(batch["entries"])
            previous = digest(data)
        return found, previous


def _object(place: int) -> str:
    return f"consent/{place:08d}"

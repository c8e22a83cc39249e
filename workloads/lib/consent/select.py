# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Select: the rows whose person consents to a purpose at an instant, as far as was known at another."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute

from infra.errors import FalajError
from workloads.lib.consent.ledger import Entry, Ledger
from workloads.lib.data.column import Schema
from workloads.lib.fingerprint import of_value

pc: Any = pyarrow.compute


@dataclass(frozen=True)
class ConsentSnapshot:
    """Who consents to `purpose` at `at`, by what was recorded until `known`. digest: of these and the subjects.

    ledger: the digest of the ledger's head it was made from.
    """

    digest: str
    purpose: str
    at: str
    known: str
    ledger: str
    subjects_granted: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON, for the run's facts."""
        return asdict(self)


def snapshot(ledger: Ledger, purpose: str, at: datetime, known: datetime) -> tuple[ConsentSnapshot, frozenset[str]]:
    """The snapshot, and the subjects that consent."""
    entries, head = ledger.read()
    subjects = granted(entries, purpose, at, known)
    times = [instant.astimezone(UTC).isoformat() for instant in (at, known)]
    found = of_value([purpose, *times, sorted(subjects)])
    return ConsentSnapshot(found, purpose, times[0], times[1], head, len(subjects)), subjects


def granted(entries: Iterable[Entry], purpose: str, at: datetime, known: datetime) -> frozenset[str]:
    """The subjects whose latest entry for the purpose, of those with entry.at <= at and recorded <= known, is a grant.

    An entry holds from its instant on, that instant included. Of entries with the same instant the later recorded one
    counts, and of those recorded together a withdrawal: in doubt there is no consent. A subject without entry has none.
    """
    latest: dict[str, tuple[datetime, datetime, bool]] = {}
    for entry in entries:
        if entry.purpose == purpose and entry.at <= at and entry.recorded <= known:
            said = (entry.at, entry.recorded, entry.state == "withdrawn")
            latest[entry.subject] = max(said, latest.get(entry.subject, said))
    return frozenset(subject for subject, (_, _, withdrawn) in latest.items() if not withdrawn)


def select(rows: Any, schema: Schema, subjects: frozenset[str]) -> tuple[Any, int]:
    """(the rows of these subjects, how many others were left out). A row without a subject is nobody's to give.

    DAT-015 when the table names no column of its subjects.
    """
    if schema.subject is None:
        raise FalajError(
            "DAT-015", f"table {schema.name}", "it does not say whose row is whose: its schema has no subject"
        )
    whose = rows[schema.subject].cast(pa.string())
    kept = rows.filter(pc.fill_null(pc.is_in(whose, value_set=pa.array(sorted(subjects), pa.string())), False))
    return kept, rows.num_rows - kept.num_rows

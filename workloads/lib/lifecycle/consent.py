# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Consent: whose rows a run may use, asked of the ledger again when somebody spoke or an announced change came due."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from workloads.lib.consent import synthetic
from workloads.lib.consent.ledger import Ledger
from workloads.lib.consent.select import snapshot
from workloads.lib.fingerprint import of_value
from workloads.lib.lifecycle.spec import Consent
from workloads.lib.object_store import ObjectStore
from workloads.lib.workspace import Workspace

BEGINS, ENDS = datetime(2010, 1, 1, tzinfo=UTC), datetime(2015, 1, 1, tzinfo=UTC)
"""Between these the persons of a made-up ledger spoke."""
ASKED, GRANTED = "consent", "granted"


@dataclass(frozen=True)
class Granted:
    """The answer. subjects: digest of who consents; `snapshot` says when and by which ledger that was found."""

    subjects: str
    snapshot: dict[str, Any]
    fresh: bool
    """Whether the ledger was read for it now."""


def granted(source: Workspace, consent: Consent, people: Callable[[], Iterable[str]], now: datetime) -> Granted:
    """Who consents now; sealed in `source` as `granted`, a list of ids.

    One person's own word on the purpose is enough, and nobody's is made up. With none in the ledger, words are made
    up for `people`, which their purpose says.
    """
    if source.has(ASKED, GRANTED):
        last = source.get_json(ASKED)
        due = last["due"] is not None and datetime.fromisoformat(last["due"]) <= now
        if last["written"] == _written(source.store) and not due:
            return Granted(last["subjects"], last["snapshot"], fresh=False)
    ledger = Ledger(source.store)
    every = ledger.entries()
    real = any(entry.purpose == consent.purpose for entry in every)
    purpose = consent.purpose if real else synthetic.MARK + consent.purpose
    entries = [entry for entry in every if entry.purpose == purpose]
    if not entries:
        made = synthetic.entries(
            people(), consent.purpose, BEGINS, ENDS, consent.seed, consent.granted, consent.withdrawn
        )
        ledger.append(entries := list(made))
    found, subjects = snapshot(ledger, purpose, now, now)
    ids = sorted(subjects)
    to_come = [instant for entry in entries for instant in (entry.at, entry.recorded) if instant > now]
    asked: dict[str, Any] = {
        "written": _written(source.store),
        "due": min(to_come).isoformat() if to_come else None,
        "subjects": of_value(ids),
        "snapshot": found.as_dict(),
    }
    source.put_json(GRANTED, ids)
    source.put_json(ASKED, asked)
    return Granted(asked["subjects"], asked["snapshot"], fresh=True)


def _written(store: ObjectStore) -> int:
    """How many batches the ledger has: it only grows."""
    return len(store.names("consent/"))

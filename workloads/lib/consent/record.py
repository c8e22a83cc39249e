"""Record: what persons said, one by one or from a file, into the ledger. What is there already is not written again."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from infra.errors import FalajError
from workloads.lib.consent.ledger import Entry, Ledger

COLUMNS = ("subject", "purpose", "state", "at")
BYTES = 64 << 20
"""The most of a file: about a million entries."""
TRIES = 20
"""Appends that met another writer before it is given up."""


def record(ledger: Ledger, entries: Iterable[Entry]) -> int:
    """Append them as one batch, all or none; how many were new. STO-009 when others write all the time."""
    wanted = list({_said(entry): entry for entry in entries}.values())
    for left in reversed(range(TRIES)):
        there = {_said(entry) for entry in ledger.entries()}
        if not (new := [entry for entry in wanted if _said(entry) not in there]):
            return 0
        try:
            ledger.append(new)
        except FalajError as error:
            if error.code != "STO-009" or not left:
                raise
        else:
            return len(new)
    raise AssertionError  # the last try returns or raises


def read(file: Path, now: datetime) -> list[Entry]:
    """The entries of a CSV file with the columns subject, purpose, state, at. DAT-015 names the line that is none.

    now: when the ledger learns of them.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(BYTES + 1)
    except OSError as error:
        raise FalajError("DAT-015", str(file), f"it cannot be read: {error.strerror}") from error
    if len(data) > BYTES:
        raise FalajError("DAT-015", str(file), f"it has more than {BYTES:,} bytes", "Give it in several files.")
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise FalajError("DAT-015", str(file), f"its first line is not {','.join(COLUMNS)}")
        return [_entry(row, f"{file}:{rows.line_num}", now) for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        raise FalajError("DAT-015", str(file), f"it is no CSV in UTF-8: {error}") from error


def entry(subject: str, purpose: str, state: str, at: str, now: datetime) -> Entry:
    """One, of texts. DAT-015 when it is none."""
    fields = {"subject": subject, "purpose": purpose, "state": state, "at": at, "recorded": now.isoformat()}
    return Entry.of_dict(fields)


def _entry(row: dict[str, str | None], place: str, now: datetime) -> Entry:
    if len(row) != len(COLUMNS) or None in row.values():
        raise FalajError("DAT-015", place, f"it is to have {len(COLUMNS)} fields")
    try:
        return entry(*(str(row[name]) for name in COLUMNS), now=now)
    except FalajError as error:
        raise FalajError(error.code, place, f"{error.place}: {error.problem}") from None


def _said(entry: Entry) -> tuple[str, str, str, datetime]:
    return entry.subject, entry.purpose, entry.state, entry.at

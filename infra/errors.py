"""Every error a user can meet: one class, one catalogue, one line of text each.

    FALAJ-LOC-001 falaj:ray.port: port 6379 is taken by redis-server (pid 812). Stop it, or set another port.

A leaf module (standard library only): every package of the project may import it.
The rows are in `catalog/errors.toml`, and `docs/errors.md` is generated from them.
"""

import re
import tomllib
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any


class Exit(IntEnum):
    """Exit codes of `falaj`, by what the user has to do next."""

    OK = 0
    FAULT = 1
    """Something broke while it ran: read the error, then run the command again."""
    USAGE = 2
    """The command line is wrong (the code click and most Unix tools use)."""
    CONFIG = 3
    """A file the user wrote is wrong: correct it."""
    DENIED = 4
    """The gate refused: change what was asked for, never the gate."""
    MISSING = 5
    """A tool, package or file the command needs is not there: run the fix it names."""
    BUSY = 6
    """Somebody else holds what is needed (another run, a port): wait, or free it."""
    INTEGRITY = 7
    """Stored data, a key, a signature or the decision log is not what was written."""


@dataclass(frozen=True)
class Entry:
    """One row of the catalogue."""

    title: str
    exit: Exit
    cause: str
    fix: str


_MOST = 2000


class FalajError(Exception):
    """One clear error: its code, where, what (with the values), and the fix. Never carries a secret."""

    def __init__(self, code: str, place: str, problem: str, fix: str = "") -> None:
        self.code = code
        self.entry = CATALOGUE[code]
        self.place = _shown(place)
        self.problem = _shown(problem.rstrip(". "))
        self.fix = _shown(fix or self.entry.fix)
        super().__init__(f"FALAJ-{code} {self.place}: {self.problem}. {self.fix}")

    def __reduce__(self) -> tuple[Any, ...]:
        """As itself from another process: Ray hands errors over pickled."""
        return FalajError.from_dict, (self.as_dict(),)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`: {code, place, problem, fix, exit}."""
        return {
            "code": f"FALAJ-{self.code}",
            "place": self.place,
            "problem": self.problem,
            "fix": self.fix,
            "exit": int(self.entry.exit),
        }

    @classmethod
    def from_text(cls, text: str) -> "FalajError | None":
        """The first of our errors in another program's output; its fix stays part of `problem`."""
        if not (found := re.search(r"FALAJ-([A-Z]+-\d{3}) (\S.*?): ([^\n]+)", text)) or found[1] not in CATALOGUE:
            return None
        error = cls(found[1], found[2], found[3])
        error.args = (found[0],)
        return error

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "FalajError":
        """The error another process of ours reported with `as_dict`."""
        return cls(fields["code"].removeprefix("FALAJ-"), fields["place"], fields["problem"], fields["fix"])


def _shown(text: str) -> str:
    """On one line and of bounded length, whatever somebody's file said: nothing of it speaks to a terminal."""
    if not text.isprintable():
        text = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"


def _catalogue() -> dict[str, Entry]:
    with (Path(__file__).parent / "catalog" / "errors.toml").open("rb") as file:
        rows = tomllib.load(file)
    return {code: Entry(row["title"], Exit[row["exit"]], row["cause"], row["fix"]) for code, row in rows.items()}


CATALOGUE = _catalogue()

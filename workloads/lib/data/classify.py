# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Classify: which columns look like personal data, by their names and by what is in them.

A detector says "look at this"; only a person knows. So a column that is declared (`Column.pii`) is not looked at, and
one that somebody looked at and cleared is named in the call.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import pyarrow.compute

from infra.errors import FalajError
from workloads.lib.data.column import Schema

pc: Any = pyarrow.compute
MOSTLY = 0.5
"""A weak detector counts when this share of a column's values, whole, is what it looks for."""

HEADERS = (
    "(first|last|full|given|family|middle|maiden) ?name|surname|e ?mail|(tele)?phone|mobile|passport|emirates ?id|eid"
    "|national ?id|ssn|iban|date of birth|birth ?date|dob|(home|street|postal|billing|residential) ?address|ip ?address"
    "|gender|sex|race|ethnicity|religion|nationality|diagnosis|biometrics?"
)


@dataclass(frozen=True)
class Finding:
    """A column that looks like personal data. values: how many of `of` values; 0 when only its name does."""

    column: str
    what: str
    values: int = 0
    of: int = 0

    def __str__(self) -> str:
        """Says no value: it may be somebody's."""
        return (
            f"{self.column} looks like {self.what} by {f'{self.values} of {self.of} values' if self.of else 'its name'}"
        )


def check(schema: Schema, rows: Any, place: str, cleared: Sequence[str] = ()) -> None:
    """DAT-012 when a column of the raw rows looks like personal data, is declared as none, and was not cleared."""
    undeclared = [column.name for column in schema.columns if column.pii == "none" and column.name not in cleared]
    if found := findings(rows.select([name for name in undeclared if name in rows.column_names])):
        raise FalajError("DAT-012", place, "; ".join(map(str, found)))


def findings(rows: Any) -> list[Finding]:
    """What looks like personal data in a `pyarrow.Table` of texts."""
    found = [
        Finding(name, "personal data") for name in rows.column_names if re.search(rf"\b({HEADERS})s?\b", _words(name))
    ]
    for name in rows.column_names:
        column = rows[name].drop_null()
        for what, detector in DETECTORS.items():
            if values := detector.count(column):
                found.append(Finding(name, what, values, len(column)))
                break
    return found


@dataclass(frozen=True)
class Detector:
    """pattern: RE2. holds: the check that a match is one. strong: one value is enough, found anywhere in a text."""

    pattern: str
    holds: Callable[[str], bool] = bool
    strong: bool = True

    def count(self, column: Any) -> int:
        """How many values hold one; 0 when they are too few to say so."""
        pattern = self.pattern if self.strong else f"^(?:{self.pattern})$"
        texts = column.filter(pc.match_substring_regex(column, pattern)).to_pylist()
        number = sum(any(self.holds(match[0]) for match in re.finditer(self.pattern, text)) for text in texts)
        return number if self.strong or number > MOSTLY * len(column) else 0


def luhn(text: str) -> bool:
    """ISO/IEC 7812-1's check digit, of payment cards and of the Emirates ID."""
    digits = [int(digit) for digit in reversed(text) if digit.isdigit()]
    return sum(digits[::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0


def iban(text: str) -> bool:
    """ISO 13616's check digits: ISO 7064 mod 97-10."""
    text = text.replace(" ", "")
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def address(text: str) -> bool:
    """An address of IPv4 or IPv6."""
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


DETECTORS = {
    "an e-mail address": Detector(r"[\w.+-]+@[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,}"),
    "an Emirates ID": Detector(r"\b784-[12]\d{3}-\d{7}-\d\b"),  # written like that it is one, mistyped or not
    "an Emirates ID, without dashes": Detector(r"\b784[12]\d{11}\b", luhn),
    "an IBAN": Detector(r"\b[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?\b", iban),
    "a phone number": Detector(r"(\+[1-9]\d{0,2}|\b00971)[ -]?(\(0\)|\d)([ -]?\d){6,11}\b"),
    "a mobile number of the UAE": Detector(r"05[024568][ -]?\d{3}[ -]?\d{4}", strong=False),
    "a payment card's number": Detector(r"[2-6]\d{3}([ -]?\d{4}){2}[ -]?\d{1,7}", luhn, strong=False),
    "an IP address": Detector(r"[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]*", address, strong=False),
}


def _words(name: str) -> str:
    """`homePhone_no` as `home phone no`."""
    return re.sub(r"[\W_]+", " ", re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)).lower()

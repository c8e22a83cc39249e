"""Values that the SDK's own text names for a property whose type is any text."""

import difflib
import re
import tomllib
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[1] / "catalog" / "choices.toml"
_QUOTED = "`[^`]+`"
_LIST = re.compile(
    r"(?:Valid|Allowed|Possible|Supported) values(?: are)?:? "
    rf"({_QUOTED}(?:,? (?:and |or )?{_QUOTED})*)(?=\.|$| Default)"
)
_NEAR = 0.85  # of 1: `NO_SCHEDUL` is near `NO_SCHEDULE`, `KMS_DSSE` not near `KMS`


def named(args: type, python: str) -> tuple[str, ...]:
    """The values that the text about a property of an Args class lists; none when it has no plain list."""
    text = " ".join((getattr(getattr(args, python, None), "__doc__", None) or "").split())
    found = _LIST.search(text)
    return tuple(value.strip('"') for value in re.findall("`([^`]+)`", found[1])) if found else ()


def is_complete(args: type, python: str) -> bool:
    """Whether that list is known to have them all."""
    return f"{args.__name__}.{python}" in _complete()


def misspelt(value: str, choices: tuple[str, ...]) -> str:
    """The listed value that is meant by one which is nearly it; "" when it is one, or resembles none."""
    if value in choices:
        return ""
    plain = {_plain(choice): choice for choice in choices}
    near = difflib.get_close_matches(_plain(value), plain, n=1, cutoff=_NEAR)
    return plain[near[0]] if near else ""


@cache
def _complete() -> frozenset[str]:
    with _FILE.open("rb") as file:
        return frozenset(tomllib.load(file)["complete"])


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())

"""Which properties of a type its cloud cannot change in place.

From `infra/catalog/replaces.toml` for the types of a region; for others from what the SDK's own text says of a
property, and from names that no cloud changes. Such a guess errs towards a replacement, which a reader then sees.
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from infra.plan import schema

_FILE = Path(__file__).parents[1] / "catalog" / "replaces.toml"
_NAMES = frozenset({"availabilityZone", "bucket", "location", "name", "namePrefix", "region", "vpcId"})
_SAYS = re.compile(
    r"\bforces? (a |the )?(new|replacement|re-?creation|creation of a new)\b|will re-?create the resource"
)
_DEPENDS = re.compile(r"\b(if|when|unless|only|would|with an?|for) ")
_INDEX = re.compile(r"\[[^\]]*\]")


def forced(token: str, path: str, *, removed: bool = False) -> bool:
    """Whether a change of the property at a path replaces the resource; `removed` when all of that input is gone."""
    bare = _INDEX.sub("", path)
    whole: list[str] = _table()["aws"]["removed"].get(_key(token), []) if removed else []
    return any(bare == one or bare.startswith(one + ".") for one in (*immutable(token), *whole))


@cache
def immutable(token: str) -> frozenset[str]:
    """Paths that a resource of the type is replaced for."""
    if token.startswith(schema.PROVIDER):
        return frozenset()
    package, _, kind = schema.split(token)
    match package:
        case "aws":
            listed = _table()["aws"]["read"].get(_key(token), _table()["aws"]["documented"].get(_key(token)))
            own = _of_names(token) | _of_text(token) if listed is None else frozenset[str](listed)
            return own | frozenset(_table()["aws"]["always"])
        case "kubernetes":
            table = _table()["kubernetes"]
            return frozenset([*table["always"], *([] if schema.is_custom(token) else table["read"].get(kind, []))])
        case _:
            return _of_names(token) | _of_text(token)


@cache
def _table() -> dict[str, Any]:
    with _FILE.open("rb") as file:
        return tomllib.load(file)


def _key(token: str) -> str:
    return token.partition(":")[2]


def _of_names(token: str) -> frozenset[str]:
    """Where it is and what it is called. Azure has each part of a resource's id as a property of that name."""
    known = schema.inputs(token) or {}
    azure = token.startswith("azure-native:")
    return frozenset(name for name in known if name in _NAMES or (azure and name.endswith("Name")))


def _of_text(token: str) -> frozenset[str]:
    """What the SDK says of each property by itself; what depends on another one is left out."""
    args = schema.args_class(token)
    known = schema.inputs(token) or {}
    texts = {name: getattr(getattr(args, field.python, None), "__doc__", None) or "" for name, field in known.items()}
    return frozenset(name for name, text in texts.items() if any(map(_says, re.split(r"(?<=\.)\s+", text))))


def _says(sentence: str) -> bool:
    plain = " ".join(sentence.lower().split())
    return bool(_SAYS.search(plain)) and not _DEPENDS.search(plain.replace("forces new for", ""))

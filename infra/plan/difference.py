"""What differs between a resource's inputs in the state and those of the program, property by property."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from infra.plan import replaces

SEALED = "falaj: sealed in the state"
"""Stands for a secret of an exported state, which nobody opens for a plan. It equals whatever the program says."""
SIGNATURE, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
"""Of a map that is a secret on the wire, and of that kind."""
_NOTHING = object()


@dataclass(frozen=True)
class Difference:
    """One property that is not what it was. `path` is as the engine writes it: `rules[0].bucketKeyEnabled`."""

    path: str
    kind: Literal["add", "update", "delete"]
    replaces: bool

    @property
    def top(self) -> str:
        """The input that it is in."""
        return self.path.split(".")[0].split("[")[0]


def differences(
    token: str, old: Mapping[str, Any], new: Mapping[str, Any], ignored: Collection[str] = ()
) -> list[Difference]:
    """Every property that differs, by its path; those below an ignored path are left out."""
    before, after = bare(dict(old)), bare(dict(new))
    found: list[Difference] = []
    for path, kind in _between(before, after, ""):
        if not any(_below(path, one) for one in ignored):
            top = path.split(".")[0].split("[")[0]
            found.append(Difference(path, kind, replaces.forced(token, path, removed=top not in after)))
    return sorted(found, key=lambda one: one.path)


def bare(value: Any) -> Any:
    """A value without the notes that providers keep in a state (`__defaults`) and without secrets' wrapping."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        if fields.get(SIGNATURE) == SECRET:
            return bare(fields.get("value"))
        return {name: bare(item) for name, item in fields.items() if not name.startswith("__") and item is not None}
    return [bare(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def _between(old: Any, new: Any, path: str) -> Iterator[tuple[str, Literal["add", "update", "delete"]]]:
    if old in (new, SEALED) or _same_document(old, new):
        return
    pairs = _pairs(old, new, path)
    if pairs:
        for below, before, after in pairs:
            yield from _between(before, after, below)
    else:
        yield path, "add" if old is _NOTHING else "delete" if new is _NOTHING else "update"


def _pairs(old: Any, new: Any, path: str) -> list[tuple[str, Any, Any]]:
    """What two values hold, side by side; empty when they are no two objects and no two lists with anything in them."""
    both = [value for value in (old, new) if value is not _NOTHING]
    if all(isinstance(value, dict) for value in both):
        before, after = (cast("dict[str, Any]", {} if value is _NOTHING else value) for value in (old, new))
        names = sorted({*before, *after})
        return [(_at(path, name), before.get(name, _NOTHING), after.get(name, _NOTHING)) for name in names]
    if all(isinstance(value, list) for value in both):
        first, second = (cast("list[Any]", [] if value is _NOTHING else value) for value in (old, new))
        longest = range(max(len(first), len(second)))
        return [(f"{path}[{index}]", _item(first, index), _item(second, index)) for index in longest]
    return []


def _same_document(old: Any, new: Any) -> bool:
    """Whether two texts are the same JSON: a policy is one however it is written."""
    if not all(isinstance(text, str) and text.lstrip()[:1] in ("{", "[") for text in (old, new)):
        return False
    try:
        return json.loads(old) == json.loads(new)
    except ValueError:
        return False


def _item(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else _NOTHING


def _at(path: str, name: str) -> str:
    """As the engine reads paths: a name with a dot or a bracket in it is quoted."""
    if any(mark in name for mark in '.["]'):
        return f'{path}["{name}"]'
    return f"{path}.{name}" if path else name


def _below(path: str, ignored: str) -> bool:
    """Whether a path is one of `ignoreChanges` or below it; `[*]` is any place of a list."""
    if ignored == "*":
        return True
    steps, wanted = _steps(path), _steps(ignored)
    matching = zip(steps, wanted, strict=False)
    return len(wanted) <= len(steps) and all(one in (step, "*") for step, one in matching)


def _steps(path: str) -> list[str]:
    return [step for step in path.replace("]", "").replace("[", ".").replace('"', "").split(".") if step]

"""Between what a program gave, what is live, and what would be live if it were applied now."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, cast

from infra.plan.cluster.client import Object
from infra.plan.cluster.secrets import is_secret, sealed

_STEP = re.compile(r'\["([^"]*)"\]|\[(\d+|\*)\]|([^.\[\]]+)')
_AMOUNT = re.compile(r"(^|\.)(capacity|hard|limits|overhead|requests|sizeLimit)\b")
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|k|[MGTPE]|[KMGTPE]i)?")
_UNITS = {"": Decimal(1), "m": Decimal("0.001"), "k": Decimal(1000), "Ki": Decimal(1024)} | {
    f"{unit}{binary}": Decimal(1024 if binary else 1000) ** power
    for power, unit in enumerate("MGTPE", 2)
    for binary in ("", "i")
}
_SERVERS = frozenset({"creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"})


def own(live: Mapping[str, Any]) -> Object:
    """A live object without what only the server writes."""
    metadata = {name: value for name, value in live["metadata"].items() if name not in _SERVERS}
    return {**{name: value for name, value in live.items() if name != "status"}, "metadata": metadata}


def strayed(given: Any, live: Any, applied: Any, path: str = "") -> Iterator[str]:
    """Paths of what was given and is not as it would be if it were applied now."""
    if _same(live, applied, path):
        return
    if maps := _maps(given, live, applied):
        for name in maps[0]:
            yield from strayed(*(one.get(name) for one in maps), path=_below(path, name))
    elif lists := _lists(given, live, applied):
        for index, items in enumerate(zip(*lists, strict=True)):
            yield from strayed(*items, path=f"{path}[{index}]")
    else:
        yield path


def reconciled(given: Any, live: Any, applied: Any, path: str = "") -> Any:
    """What was given, with the live value wherever that is not as it would be if it were applied now."""
    if _same(live, applied, path):
        return given
    if is_secret(given):
        return sealed(reconciled(given["value"], live, applied, path))
    if maps := _maps(given, live, applied):
        made = {name: reconciled(*(one.get(name) for one in maps), path=_below(path, name)) for name in maps[0]}
        return {name: item for name, item in made.items() if item is not None}
    if lists := _lists(given, live, applied):
        return [reconciled(*items, path=path) for items in zip(*lists, strict=True)]
    return live


def overlaid(given: Any, live: Any, path: str) -> Any:
    """What was given, with the live value at a path: what a program ignores is left as it is."""
    return _overlaid(given, live, [next(filter(None, found)) for found in _STEP.findall(path)])


def _overlaid(given: Any, live: Any, steps: list[str]) -> Any:
    if not steps:
        return live
    step, rest = steps[0], steps[1:]
    if lists := _lists(given, live):
        chosen = [step in (str(at), "*") for at in range(len(lists[0]))]
        items = zip(chosen, *lists, strict=True)
        return [_overlaid(one, other, rest) if yes else one for yes, one, other in items]
    if (maps := _maps(given or {}, live or {})) and any(step in one for one in maps):
        made = {**maps[0], step: _overlaid(maps[0].get(step), maps[1].get(step), rest)}
        return {name: item for name, item in made.items() if item is not None}
    return given


def _below(path: str, name: str) -> str:
    return f'{path}["{name}"]' if "." in name else f"{path}.{name}" if path else name


def _same(one: Any, other: Any, path: str) -> bool:
    """Whether nothing is to be put right.

    A controller that writes an object back writes amounts in its own way, and leaves empty texts and lists out.
    """
    if one == other or (one in (None, "", []) and other in (None, "", [])):
        return True
    amounts = [_QUANTITY.fullmatch(str(value)) for value in (one, other)] if _AMOUNT.search(path) else []
    numbers = [Decimal(found[1]) * _UNITS[found[2] or ""] for found in amounts if found]
    return len(numbers) == 2 and numbers[0] == numbers[1]


def _maps(*values: Any) -> list[Object] | None:
    return [cast("Object", one) for one in values] if all(isinstance(one, dict) for one in values) else None


def _lists(*values: Any) -> list[list[Any]] | None:
    """The values, if they are lists of one length."""
    if not all(isinstance(one, list) for one in values):
        return None
    found = [cast("list[Any]", one) for one in values]
    return found if len({len(one) for one in found}) == 1 else None

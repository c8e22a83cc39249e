# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""YAML that others wrote, read within bounds: no alias grows it, no depth or number of digits stops the reader.

Pulumi's own reader refuses a key that stands twice; so does this one, where PyYAML would take the last. A leaf module:
every package of the project may import it.
"""

import re
from pathlib import Path
from typing import Any

import yaml

BYTES, DEPTH, NODES, DIGITS = 1 << 20, 50, 50_000, 100
"""The most of a file, of its nesting, of its values with aliases written out, and of a number."""
_NUMBER = re.compile(r"[-+]?[0-9.][0-9a-fA-Fxob_:.]*")


class Unreadable(ValueError):  # noqa: N818 - a verdict on a text, turned into a FalajError by who knows the file
    """Why the text is not read, and at which line; 0 for none."""

    def __init__(self, problem: str, line: int = 0) -> None:
        self.problem, self.line = problem, line
        super().__init__(f"{problem} (line {line})" if line else problem)


def read(file: Path) -> Any:
    """What a file says. Raises Unreadable, or OSError when it cannot be opened."""
    with file.open("rb") as opened:
        return parse(opened.read(BYTES + 1))


def parse(data: bytes) -> Any:
    """What a text says."""
    if len(data) > BYTES:
        raise Unreadable(f"it has more than {BYTES:,} bytes")
    try:
        _require_bounds(data)
        return yaml.load(data, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise Unreadable(f"it is not YAML: {error.problem}", line) from error
    except yaml.YAMLError as error:
        raise Unreadable(f"it is not YAML: {' '.join(str(error).split())}") from error
    except Unreadable:
        raise
    except ValueError as error:  # such as a day that no month has
        raise Unreadable(f"a value is none: {error}") from error


class _Open:
    """A list or mapping that has not ended: its anchor, how much is in it, and the keys that it has."""

    def __init__(self, anchor: str | None, mapping: bool) -> None:
        self.anchor, self.mapping, self.size, self.parts = anchor, mapping, 1, 0
        self.keys: set[tuple[str, bool]] = set()


def _require_bounds(data: bytes) -> None:
    """Goes over the text without building anything of it."""
    sizes: dict[str, int] = {}
    inside: list[_Open] = []
    for event in yaml.parse(data, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        match event:
            case yaml.CollectionStartEvent():
                inside.append(_Open(event.anchor, isinstance(event, yaml.MappingStartEvent)))
                if len(inside) > DEPTH:
                    raise Unreadable(f"it is nested more than {DEPTH} deep", line)
                continue
            case yaml.CollectionEndEvent():
                ended = inside.pop()
                anchor, size = ended.anchor, ended.size
            case yaml.AliasEvent():
                if event.anchor not in sizes:
                    raise Unreadable(f"alias {event.anchor} stands before or inside of what it names", line)
                anchor, size = None, sizes[event.anchor]
            case yaml.ScalarEvent():
                anchor, size = event.anchor, 1
                _require_scalar(event, inside, line)
            case _:
                continue
        if anchor:
            sizes[anchor] = size
        if inside:
            inside[-1].size += size
            inside[-1].parts += 1
            if inside[-1].size > NODES:
                raise Unreadable(f"it has more than {NODES:,} values", line)


def _require_scalar(event: yaml.ScalarEvent, inside: list[_Open], line: int) -> None:
    plain = event.implicit[0]
    if plain and len(event.value) > DIGITS and _NUMBER.fullmatch(event.value):
        raise Unreadable(f"a number has more than {DIGITS} digits", line)
    if inside and inside[-1].mapping and not inside[-1].parts % 2:
        if (key := (event.value, plain)) in inside[-1].keys:
            raise Unreadable(f"key {event.value[:60]!r} stands twice", line)
        inside[-1].keys.add(key)

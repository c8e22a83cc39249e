"""What is secret of a resource: no text of it goes into an error, and it is sealed in the outputs."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from google.protobuf import struct_pb2

from components.local.provider.wire import to_python, to_struct
from infra.plan.cluster.client import Object
from infra.plan.difference import SECRET, SIGNATURE

_SHORTEST = 3  # characters of a secret that is looked for in other texts
_DATA = ("data", "stringData")


class Secrets:
    """Of the properties that are given, marked by the program or in a Secret."""

    def __init__(self, *given: struct_pb2.Struct) -> None:
        self._given = [to_python(one) for one in given]
        texts = {text for one in self._given for text in _texts(one, hidden=False)}
        coded = {base64.b64encode(text.encode()).decode() for text in texts}
        self._texts = sorted({*texts, *coded, *(json.dumps(text)[1:-1] for text in texts)}, key=len, reverse=True)

    def hide(self, text: str) -> str:
        """The text without them."""
        for one in self._texts:
            text = text.replace(one, "[secret]")
        return text

    def outputs(self, live: Mapping[str, Any]) -> struct_pb2.Struct:
        """A live object as the engine stores it."""
        metadata = {name: value for name, value in live["metadata"].items() if name != "managedFields"}
        made = self._seal({**live, "metadata": metadata}, self._given[0])
        if live.get("kind") == "Secret":
            made |= {name: sealed(live[name]) for name in _DATA if name in live}
        return to_struct(made)

    def _seal(self, value: Any, given: Any) -> Any:
        if is_secret(given):
            return sealed(value)
        match value:
            case dict():
                held = cast("Object", given) if isinstance(given, dict) else {}
                return {name: self._seal(item, held.get(name)) for name, item in cast("Object", value).items()}
            case list():
                items = cast("list[Any]", value)
                same = cast("list[Any]", given) if isinstance(given, list) else []
                return [self._seal(item, same[at] if at < len(same) else None) for at, item in enumerate(items)]
            case str() if any(text in value for text in self._texts):
                return sealed(value)
            case _:
                return value


def is_secret(value: Any) -> bool:
    """Whether it is a secret as the engine sends one."""
    return isinstance(value, dict) and cast("Object", value).get(SIGNATURE) == SECRET


def sealed(value: Any) -> Object:
    """The value as a secret."""
    return {SIGNATURE: SECRET, "value": value}


def _texts(value: Any, *, hidden: bool) -> Iterator[str]:
    match value:
        case dict():
            fields = cast("Object", value)
            data = _DATA if fields.get("kind") == "Secret" else ()
            for name, item in fields.items():
                yield from _texts(item, hidden=hidden or is_secret(fields) or name in data)
        case list():
            for item in cast("list[Any]", value):
                yield from _texts(item, hidden=hidden)
        case str() if hidden and len(value) >= _SHORTEST and value != SECRET:
            yield value
        case _:
            return

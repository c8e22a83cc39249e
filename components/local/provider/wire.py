"""Between the engine's structs and plain Python values.

Unknown values (a preview does not know them yet) arrive as sentinel strings; see the SDK's `runtime/rpc.py`.
"""

from typing import Any

from google.protobuf import struct_pb2
from google.protobuf.json_format import MessageToDict

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The engine's sentinel for an unknown string; what a preview answers for an output nobody knows yet."""

Properties = dict[str, Any]


def to_python(struct: struct_pb2.Struct) -> Properties:
    """A struct as a dict; whole numbers become ints, since the wire has only floats."""
    return {key: _whole(value) for key, value in MessageToDict(struct).items()}


def to_struct(properties: Properties) -> struct_pb2.Struct:
    """A dict of JSON values as a struct."""
    struct = struct_pb2.Struct()
    struct.update(properties)
    return struct


def known(properties: Properties) -> Properties:
    """The properties whose values are known by now."""
    return {key: value for key, value in properties.items() if value != UNKNOWN}


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value

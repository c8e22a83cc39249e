"""The request's type, made from the same column catalogue that training rows were validated by."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, Strict, ValidationError, create_model

from workloads.lib.data.column import Column, Schema

TEXT = 10_000
"""Characters of a text at most."""
SHOWN = 40


class Row(BaseModel):
    """One row: every column typed and in range, nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def request_model(schema: Schema, names: Sequence[str]) -> type[Row]:
    """The type of one row with these columns of the table. DAT-001 for a column that the table has not.

    A code and an integer take no text and no fraction; an instant is RFC 3339 with a zone; a nullable column may be
    left out.
    """
    fields: dict[str, Any] = {name: _field(schema[name]) for name in dict.fromkeys(names)}
    return create_model(f"{schema.name.title().replace('_', '')}Row", __base__=Row, __doc__=Row.__doc__, **fields)


def refusal(error: ValidationError) -> str:
    """The first thing wrong with a request, in one line: where, what, and what was found. No more of it is repeated."""
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"] if isinstance(part, str)) or "body"
    found = "" if first["type"] in ("missing", "json_invalid") else f", found {_short(first['input'])}"
    return f"{where}: {first['msg']}{found}"


def _field(column: Column) -> Any:
    bounds: dict[str, Any] = {"ge": column.low, "le": column.high} if column.kind != "text" else {"max_length": TEXT}
    told = Field(description=column.title, **{name: bound for name, bound in bounds.items() if bound is not None})
    kinds: dict[str, Any] = {"number": float, "text": str, "instant": Annotated[AwareDatetime, Strict(True)]}
    kind = kinds.get(column.kind, int)
    if column.nullable:
        return (Annotated[kind | None, told], None)
    return (Annotated[kind, told], ...)


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"

"""The models of a stack file, as paths of keys."""

from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class Place:
    """Where in a stack file something is: its keys, the section that its last field is in, and that field."""

    keys: list[str]
    section: type[BaseModel]
    field: FieldInfo | None


def section(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model below a field, and whether keys of the user's choice (like a pool's name) stand between."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    found = next((model for part in get_args(annotation) if (model := section(part)[0])), None)
    return found, get_origin(annotation) is dict


def place(model: type[BaseModel], loc: tuple[int | str, ...]) -> Place:
    """The place of a pydantic error, without the names of union branches that stand in its `loc`."""
    keys: list[str] = []
    inside: type[BaseModel] | None = model
    last, field, chosen = model, None, False
    for part in loc:
        if chosen:
            keys.append(str(part))
            chosen = False
        elif inside is None or part == "[key]":
            keys += [str(part)] if isinstance(part, int) else []
        else:
            keys.append(str(part))
            last, field = inside, inside.model_fields.get(str(part))
            inside, chosen = section(field.annotation) if field else (None, False)
    return Place(keys, last, field)

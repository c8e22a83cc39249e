"""What every section of a stack file is made of."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field


class Strict(BaseModel):
    """Base of every section; the text below a field is its description in docs/settings.md."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


def _digits(value: Any) -> Any:
    """Pulumi hands a text of digits over as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _moment(value: Any) -> Any:
    """YAML reads a moment as one, Pulumi hands it over as text."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


Text = Annotated[str, BeforeValidator(_digits), Field(min_length=1, max_length=256)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Account = Annotated[str, BeforeValidator(_digits), Field(pattern=r"^\d{12}$")]
Port = Annotated[int, Field(ge=1024, le=65535)]
Mib = Annotated[int, Field(ge=64, le=65536)]
Days = Annotated[int, Field(ge=1, le=36500)]

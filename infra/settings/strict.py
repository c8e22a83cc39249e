"""What every section of a stack file is made of."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

_GO = re.compile(r" ([+-]\d{4})( [A-Z]+)?$")


class Strict(BaseModel):
    """Base of every section; the text below a field is its description in docs/settings.md."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


def _digits(value: Any) -> Any:
    """Pulumi hands a text of digits over as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _moment(value: Any) -> Any:
    """YAML reads a moment as one; Pulumi hands it over as text, written `2027-01-04 11:30:00 +0000 UTC`."""
    try:
        return datetime.fromisoformat(_GO.sub(r"\1", value)) if isinstance(value, str) else value
    except ValueError:
        return value


def _day(value: Any) -> Any:
    """As a moment, whose hour is none."""
    moment = _moment(value)
    return moment.date() if isinstance(moment, datetime) else moment


Text = Annotated[str, BeforeValidator(_digits), Field(min_length=1, max_length=256)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Account = Annotated[str, BeforeValidator(_digits), Field(pattern=r"^\d{12}$")]
Port = Annotated[int, Field(ge=1024, le=65535)]
Mib = Annotated[int, Field(ge=64, le=65536)]
Days = Annotated[int, Field(ge=1, le=36500)]

"""What the endpoint is asked about: one person, typed from the same column catalogue that training was validated by."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from workloads.employment.tables import FEATURES


class _Strict(BaseModel):
    """One person, in the codes of the American Community Survey."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


_FIELDS: dict[str, Any] = {c.name: Annotated[int, Field(ge=c.low, le=c.high, description=c.title)] for c in FEATURES}

Person = create_model("Person", __base__=_Strict, __doc__=_Strict.__doc__, **_FIELDS)

"""What only people know of a data set. Imports nothing heavy."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class About(BaseModel):
    """license: an SPDX id, or `other`. url: where it is described."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    description: Text
    license: Text
    url: Text
    creator: Text
    published: date
    uses: Text
    limits: Text

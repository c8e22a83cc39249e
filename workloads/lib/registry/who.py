"""Who moves an alias: a name, and how it was learned. It is stated, not proven; the gate's approvals are signed."""

import os
import pwd
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict


class Who(BaseModel):
    """A person or a service."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    source: Literal["FALAJ_AUTHOR", "operating system"]

    @classmethod
    def runs(cls) -> Self:
        """Who runs this process: `$FALAJ_AUTHOR` (set it for a service or in CI), else the account it runs under."""
        if named := os.environ.get("FALAJ_AUTHOR"):
            return cls(name=named, source="FALAJ_AUTHOR")
        try:
            return cls(name=pwd.getpwuid(os.getuid()).pw_name, source="operating system")
        except KeyError:  # an account without a name, as in many containers
            return cls(name=f"uid {os.getuid()}", source="operating system")

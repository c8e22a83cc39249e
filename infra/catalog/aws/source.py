"""Facts with a date and a source, as the catalogue's files hold them."""

from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

Unknown = Literal["unknown"]
"""What nobody can tell without asking the cloud."""


class Facts(BaseModel):
    """Base of everything in the catalogue."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Facts):
    """Where a group of facts was read, and when."""

    read: date
    source: str
    unverified: str = ""
    """What of them is from general knowledge and was not read there; look it up before it is relied on."""


def read(name: str) -> Any:
    """A file of the catalogue."""
    return yaml.safe_load((Path(__file__).parent / f"{name}.yaml").read_text())

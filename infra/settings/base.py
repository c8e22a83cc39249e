"""What every stack file says, whatever its target."""

from typing import Annotated, Literal

from pydantic import Field

from infra.settings.strict import Strict
from policies.gate.params import Limits


class Stack(Strict):
    """One region: what it is, what its policies demand."""

    kind: Literal["region"]
    """What the stack is."""
    profile: Literal["dev", "prod"] = "dev"
    """The levels at which policies act. Outside `dev` nothing is applied without the gate, and stores are protected."""
    jurisdiction: Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$")] = "local"
    """Where its data may be."""
    regimes: list[str] = []
    """Legal regimes its data is under: `health`, `bank`, `difc`, `adgm`, `pdpl`, `gdpr`."""
    data_class: Literal["public", "internal", "confidential", "restricted"] = "internal"
    """The highest class of data it may hold."""
    lawful_basis: str = ""
    """On which legal basis personal data is processed; needed for `confidential` and `restricted`."""
    policy: Limits = Limits()
    telemetry: bool = False
    """Whether servers may report their usage to their makers. The gate refuses true."""

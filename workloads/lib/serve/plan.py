"""The plan of an endpoint: which models answer, who gets which, and how far the newer ones are let in."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from infra.errors import FalajError
from workloads.lib.fingerprint import of_value

STAGES = (0, 1, 5, 25, 50, 100)
"""Percent of the subjects that are let into the experiment. At 0 everyone gets the champion: that is a rollback."""

Name = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9-]{0,19}$")]
Digest = Annotated[str, StringConstraints(pattern="^sha256:[0-9a-f]{64}$")]
Share = Annotated[float, Field(ge=0, le=1)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Arm(_Model):
    """A model under a name. decision: the release gate's that allowed it; a shadow may go without."""

    name: Name
    model: Digest
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    decision: str = ""


class Plan(_Model):
    """The first arm is the champion. A plan changes while requests run; none is dropped."""

    experiment: Name
    """The salt: a new name draws the subjects anew."""
    arms: Annotated[tuple[Arm, ...], Field(min_length=1)]
    stage: int = 100
    holdout: Share = 0.0
    """Share of the subjects who get the champion always, to measure all experiments together against."""
    holdout_salt: Name = "holdout"
    """Stays the same from experiment to experiment, so that the same subjects are held out."""
    shadows: tuple[Arm, ...] = ()
    """Each gets a copy of every request; its answer is logged and given to nobody."""
    override: bool = False
    """Whether a request may name its arm (for tests; such requests are not compared)."""
    logged: tuple[str, ...] = ()
    """Columns of a request that are kept with its log, for drift. None by default: least personal data."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        names = [arm.name for arm in (*self.arms, *self.shadows)]
        if len(set(names)) != len(names):
            raise ValueError(f"two arms have one name: {', '.join(sorted(names))}")
        if self.stage not in STAGES:
            raise ValueError(f"stage is {self.stage}, it is one of {', '.join(map(str, STAGES))}")
        if not sum(arm.weight for arm in self.arms):
            raise ValueError("no arm has a weight above 0")
        return self

    @classmethod
    def alone(cls, model: str, decision: str, logged: tuple[str, ...] = ()) -> Self:
        """The plan in which this model answers everybody; an experiment is another plan of the same endpoint."""
        return cls(experiment="none", arms=(Arm(name="champion", model=model, decision=decision),), logged=logged)

    @property
    def champion(self) -> Arm:
        """The arm that answers whoever is not in the experiment, and when another one fails."""
        return self.arms[0]

    @property
    def digest(self) -> str:
        """Its version."""
        return of_value(self.model_dump(mode="json"))

    def arm(self, name: str) -> Arm:
        """The arm of that name. SRV-003 when there is none."""
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise FalajError("SRV-003", f"arm {name[:40]!r}", f"there are {', '.join(arm.name for arm in self.arms)}")

    def models(self) -> list[str]:
        """Digests of every model it needs, each once."""
        return list(dict.fromkeys(arm.model for arm in (*self.arms, *self.shadows)))

    def advanced(self) -> "Plan":
        """The plan one stage further; itself at the last one."""
        further = [stage for stage in STAGES if stage > self.stage]
        return self.model_copy(update={"stage": further[0] if further else self.stage})

    def rolled_back(self) -> "Plan":
        """The plan in which everyone gets the champion."""
        return self.model_copy(update={"stage": 0})

    def promoted(self, name: str, decision: str) -> "Plan":
        """The plan in which this arm, allowed by that decision of the release gate, is the champion and alone."""
        arm = self.arm(name).model_copy(update={"decision": decision, "weight": 1.0})
        return self.model_copy(update={"arms": (arm,), "stage": 100})

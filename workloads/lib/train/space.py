"""The search space of a tuning, typed: which settings, between which bounds."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.errors import FalajError
from workloads.lib.train.spec import Job

FIXED = {"seed", "epochs", "device", "workers", "threads", "checkpoint", "keep", "retries", "compile", "early_stop"}
"""Fields of a training that are how it is run, or that the scheduler decides: no hyperparameters."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Between(_Model):
    """A number from low to high; an integer when both are. `log`: as likely in each order of magnitude."""

    low: float | int
    high: float | int
    log: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError(
                f"low is {self.low}, high is {self.high}" + (", log needs low above 0" if self.log else "")
            )
        return self

    @property
    def edges(self) -> list[Any]:
        """Values that must be allowed for all between them to be."""
        return [self.low, self.high]


class OneOf(_Model):
    """One of these values."""

    values: Annotated[list[Any], Field(min_length=2)]

    @property
    def edges(self) -> list[Any]:
        """Every value."""
        return self.values


class Space(_Model):
    """Settings `training.<field>` and `network.<argument>`, the trials, and how the search goes."""

    parameters: Annotated[dict[str, Between | OneOf], Field(min_length=1)]
    trials: Annotated[int, Field(ge=1, le=10_000)]
    seed: Annotated[int, Field(ge=0)]
    holdout: Annotated[float, Field(gt=0, lt=1)] = 0.2
    """Share of the training rows that trials are judged by; no other rows are ever seen."""
    grace: Annotated[int, Field(ge=1)] = 1
    """Epochs before a trial may be stopped for another that is better."""
    reduction: Annotated[int, Field(ge=2)] = 3
    at_once: Annotated[int, Field(ge=1)] = 1
    """Trials at a time, each with its share of the cores. Only one at a time gives the same search each time."""

    def check(self, job: Job) -> None:
        """TRN-006 unless every value it may give makes a job."""
        for name, range_ in self.parameters.items():
            for value in range_.edges:
                apply(job, {name: value})


def apply(job: Job, values: dict[str, Any]) -> Job:
    """The job with those settings. TRN-006 for one that does not exist, is fixed, or has a wrong value."""
    training: dict[str, Any] = job.training.model_dump()
    network = dict(job.network_config)
    for name, value in values.items():
        part, _, field = name.partition(".")
        known = {"training": training.keys() - FIXED, "network": network.keys()}
        if field not in known.get(part, ()):
            may: Literal["training", "network"] | str = part if part in known else "training"
            said = f"there is no such setting to search; {may} has {', '.join(sorted(known[may])) or 'none'}"
            raise FalajError("TRN-006", name, said)
        (training if part == "training" else network)[field] = value
    try:
        fields = job.model_dump() | {"training": training, "network_config": network}
        return Job.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise FalajError("TRN-006", ", ".join(values), f"{first['msg']}, found {first['input']!r}") from error

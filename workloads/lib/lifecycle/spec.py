"""A workload's spec: its `spec.yaml`, typed. Imports nothing heavy."""

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from infra import yaml_text
from infra.errors import FalajError
from workloads.lib.data.about import About, Text
from workloads.lib.train.spec import Training

Share = Annotated[float, Field(ge=0, le=1)]
Periods = Annotated[tuple[int, ...], Field(min_length=1)]
Limit = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Purpose = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Data(_Model):
    """Where the tables come from."""

    requirement: Annotated[str, StringConstraints(pattern=r"^[\w.-]+==[\w.]+$")]
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    source: str
    max_quarantined: Share
    """Share of a table's rows that may be bad."""


class Split(_Model):
    """Which periods (years, months) serve for what. Time only goes forward."""

    train: Periods
    validate_: Annotated[tuple[int, ...], Field(alias="validate")] = ()
    """Looked at while training; none for no look."""
    test: Periods

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        parts = [part for part in (self.train, self.validate_, self.test) if part]
        for before, after in pairwise(parts):
            if max(before) >= min(after):
                raise ValueError(f"period {min(after)} must come after {max(before)}")
        return self


class Consent(_Model):
    """The purpose that persons' rows are used for. The tables are public and ship no consent: the ledger is made up."""

    purpose: Purpose
    seed: int
    granted: Share
    withdrawn: Share


class Card(_Model):
    """What the owner says about the model; the figures come from the evidence."""

    owner: Text
    """Whom to ask, and who answers for its alarms."""
    intended_use: Text
    out_of_scope: Text
    limits: Text
    license: Text


class Monitor(_Model):
    """Where alarms go."""

    alerts: Annotated[tuple[Text, ...], Field(min_length=1)]
    logged: bool = False
    """Whether the columns of a request are kept in the sealed request log: without them no drift of data is seen."""


class Release(_Model):
    """The thresholds the release gate judges every model by, and why they are what they are."""

    max_slice_gap: Limit
    """How much worse a slice may be than all rows together: of accuracy, or minutes of mean absolute error."""
    max_calibration_error: Limit
    max_robustness_drop: Limit
    """How much worse the model may get when a tenth of a column is lost or spoilt."""
    max_regression: Limit
    """How much worse than the champion the model may be, at the lower end of the difference's interval."""
    max_p95_ms: Limit
    rationale: Annotated[str, StringConstraints(min_length=40)]


class Drill(_Model):
    """A fault upstream that is played at the end of a replay: from then on a column arrives as this value."""

    column: str
    value: Any
    share: Annotated[float, Field(gt=0, le=1)]
    """Of the rows."""


class Replay(_Model):
    """How the periods after the training are played as if they were live."""

    periods: Annotated[tuple[int, ...], Field(min_length=3)]
    """In order. What was true of a period is known before the next one begins."""
    requests: Annotated[int, Field(ge=100)]
    """Of a period, drawn from its rows."""
    compared: Annotated[int, Field(ge=100)]
    """Of the period in which the retrained model runs beside the champion."""
    retrain: int
    """After this period a new model is trained at the latest; sooner when an alarm asks for it."""
    margin: Limit
    """How much worse than the champion the new model may be in that comparison, in accuracy or in the target's unit."""
    drill: Drill

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        if list(self.periods) != sorted(set(self.periods)):
            raise ValueError("the periods are to be in order, each once")
        if self.retrain not in self.periods[:-1]:
            raise ValueError(f"retrain is {self.retrain}, it is a period with another one after it")
        return self


class Spec(_Model):
    """The parts that all workloads have."""

    data: Data
    about: About
    """Of the data."""
    card: Card
    """Of the model."""
    monitor: Monitor
    release: Release
    split: Split
    consent: Consent | None = None
    """None where no row is a person's."""
    training: Training
    min_group: Annotated[int, Field(ge=1)]
    """Rows of a group under which it is named and not judged."""
    width: Annotated[int, Field(ge=1, le=4096)]
    """Of the network."""
    replay: Replay | None = None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check the file. WRK-003 names the first thing wrong with it."""
        try:
            fields: Any = yaml_text.read(path)
            return cls.model_validate(fields)
        except OSError as error:
            raise FalajError("WRK-003", path.name, f"it cannot be read: {error.strerror}") from error
        except yaml_text.Unreadable as error:
            raise FalajError("WRK-003", path.name, str(error)) from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise FalajError("WRK-003", path.name, f"{where}: {first['msg']}, found {first['input']!r}") from error

"""The workload's spec: `spec.yaml`, typed. Imports nothing heavy."""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from infra.errors import FalajError

PATH = Path(__file__).with_name("spec.yaml")

Share = Annotated[float, Field(ge=0, le=1)]
Year = Literal[2015, 2016, 2017, 2018]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Data(_Model):
    """Where the table comes from and how it is split by time."""

    requirement: Annotated[str, StringConstraints(pattern=r"^[\w.-]+==[\w.]+$")]
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    source: str
    train_year: Year
    test_year: Year
    max_quarantined: Share


class Training(_Model):
    """Hyperparameters."""

    seed: int
    epochs: Annotated[int, Field(ge=1, le=1000)]
    batch: Annotated[int, Field(ge=1)]
    width: Annotated[int, Field(ge=1, le=4096)]
    learning_rate: Annotated[float, Field(gt=0)]
    weight_decay: Annotated[float, Field(ge=0)]


class Release(_Model):
    """The thresholds the release gate judges by, and why they are what they are."""

    min_accuracy: Share
    min_auc: Share
    protected: Annotated[list[Literal["sex", "race"]], Field(min_length=1)]
    min_group: Annotated[int, Field(ge=1)]
    max_equal_opportunity_difference: Share
    min_selection_rate_ratio: Share
    rationale: Annotated[str, StringConstraints(min_length=40)]


class Spec(_Model):
    """The whole file."""

    data: Data
    training: Training
    release: Release

    @classmethod
    def load(cls, path: Path = PATH) -> "Spec":
        """Read and check the file. WRK-003 names the first thing wrong with it."""
        try:
            fields: Any = yaml.safe_load(path.read_text())
            spec = cls.model_validate(fields)
        except OSError as error:
            raise FalajError("WRK-003", path.name, f"it cannot be read: {error.strerror}") from error
        except yaml.YAMLError as error:
            raise FalajError("WRK-003", path.name, f"it is no YAML: {' '.join(str(error).split())}") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise FalajError("WRK-003", path.name, f"{where}: {first['msg']}, found {first['input']!r}") from error
        if spec.data.test_year <= spec.data.train_year:
            problem = f"test_year is {spec.data.test_year}, it must come after train_year {spec.data.train_year}"
            raise FalajError("WRK-003", path.name, problem)
        return spec

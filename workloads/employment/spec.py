"""The workload's spec: `spec.yaml`, typed. Imports nothing heavy."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from workloads.lib.lifecycle import spec

PATH = Path(__file__).with_name("spec.yaml")


class Release(BaseModel):
    """The thresholds the release gate judges by, and why they are what they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_accuracy: spec.Share
    min_auc: spec.Share
    protected: Annotated[list[Literal["sex", "race"]], Field(min_length=1)]
    max_equal_opportunity_difference: spec.Share
    min_selection_rate_ratio: spec.Share
    rationale: Annotated[str, StringConstraints(min_length=40)]


class Spec(spec.Spec):
    """The whole file."""

    release: Release

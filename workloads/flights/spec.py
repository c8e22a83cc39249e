"""The workload's spec: `spec.yaml`, typed. Imports nothing heavy."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from workloads.lib.lifecycle import spec

PATH = Path(__file__).with_name("spec.yaml")


class Release(BaseModel):
    """The thresholds the release gate judges by, and why they are what they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_r2: spec.Share
    max_rmse: Annotated[float, Field(gt=0)]
    """Minutes."""
    rationale: Annotated[str, StringConstraints(min_length=40)]


class Spec(spec.Spec):
    """The whole file."""

    release: Release

"""The workload's spec: `spec.yaml`, typed. Imports nothing heavy."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from workloads.lib.lifecycle import spec

PATH = Path(__file__).with_name("spec.yaml")


class Release(spec.Release):
    """The thresholds that are this use case's own."""

    min_r2: spec.Share
    max_rmse: Annotated[float, Field(gt=0)]
    """Minutes."""


class Spec(spec.Spec):
    """The whole file."""

    release: Release  # pyright: ignore[reportIncompatibleVariableOverride] - narrowed; it is frozen

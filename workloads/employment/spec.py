"""The workload's spec: `spec.yaml`, typed. Imports nothing heavy."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from workloads.lib.lifecycle import spec

PATH = Path(__file__).with_name("spec.yaml")


class Release(spec.Release):
    """The thresholds that are this use case's own."""

    min_accuracy: spec.Share
    min_auc: spec.Share
    protected: Annotated[list[Literal["sex", "race"]], Field(min_length=1)]
    max_equal_opportunity_difference: spec.Share
    min_selection_rate_ratio: spec.Share


class Spec(spec.Spec):
    """The whole file."""

    release: Release  # pyright: ignore[reportIncompatibleVariableOverride] - narrowed; it is frozen

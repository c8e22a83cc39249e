"""The reference profile: how columns, answers and errors were spread on rows that the model had not seen.

It holds counts, never a row, and is a file of the signed registry entry: what a window is held against cannot be moved.
"""

from collections.abc import Mapping
from typing import Any, Self

from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from infra.errors import FalajError
from workloads.lib.data.column import Schema
from workloads.lib.monitor import bins
from workloads.lib.monitor.answers import Answers
from workloads.lib.monitor.bins import Bins
from workloads.lib.registry import Model
from workloads.lib.release import quality
from workloads.lib.release.interval import Interval
from workloads.lib.train.spec import Task

FILE = "profile.json"


class Profile(BaseModel):
    """What a window of live rows is held against."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: Task
    when: str
    """The period of its rows, for people."""
    rows: int
    columns: dict[str, Bins]
    scores: Bins
    answers: Answers
    """How right the model was, by what it said."""
    quality: dict[str, Any]
    """`release.quality.measure` of its rows."""

    @classmethod
    def read(cls, model: Model) -> Self:
        """That of a verified entry. MON-003 when it has none."""
        if FILE not in model.files:
            raise FalajError("MON-003", f"model {model.digest}", f"the entry has no {FILE}")
        try:
            return cls.model_validate_json(model.files[FILE])
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise FalajError("MON-003", f"model {model.digest}", f"{FILE}: {where}: {first['msg']}") from error

    def figure(self, metric: str) -> Interval:
        """A figure of its rows. MON-004 when the task has no such metric."""
        if metric not in quality.METRICS[self.task]:
            named = ", ".join(quality.METRICS[self.task])
            raise FalajError("MON-004", f"metric {metric}", f"a {self.task} is measured by {named}")
        return Interval(*(self.quality[f"{metric}{end}"] for end in ("", "_low", "_high")))


def profile(
    task: Task, schema: Schema, columns: Mapping[str, Any], scores: NDArray[Any], truth: NDArray[Any], when: str
) -> Profile:
    """Of rows that the model was not trained on: its columns (arrays of numpy or Arrow), answers and outcomes.

    Instants are left out. MON-001 when a column is missing, of another length or holds another kind; RLS-001 as for
    `release.quality.measure`.
    """
    measured = quality.measure(task, truth, scores)
    counted = [column for column in schema.columns if column.kind in bins.TYPES]
    for column in counted:
        checked(column.name, columns, len(truth))
    return Profile(
        task=task,
        when=when,
        rows=len(truth),
        columns={column.name: bins.fit(column.name, column.kind, columns[column.name]) for column in counted},
        scores=bins.fit("score", "number", scores),
        answers=Answers.of(truth, scores),
        quality=measured,
    )


def checked(name: str, columns: Mapping[str, Any], rows: int) -> None:
    """MON-001 unless the column is there, and as long as the others."""
    if name not in columns:
        raise FalajError("MON-001", f"column {name}", f"it is not among {', '.join(columns) or 'no columns'}")
    if len(columns[name]) != rows:
        raise FalajError("MON-001", f"column {name}", f"it has {len(columns[name]):,} rows, the scores {rows:,}")

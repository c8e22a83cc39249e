"""What a use case says of itself; `run` does the rest. Imports nothing heavy."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from workloads.lib.data.column import Schema
from workloads.lib.features.definition import FeatureView
from workloads.lib.features.transform import Transform
from workloads.lib.lifecycle.spec import Data, Spec
from workloads.lib.train.spec import Task

ID, AT, PERIOD = "id", "at", "period"
"""Columns that examples have: a text of its own for each row, the instant it is asked at, and its period."""


@dataclass(frozen=True)
class Table:
    """A table of the lake and where its rows come from."""

    schema: Schema
    members: Mapping[str, str]
    """{part: path or glob} in the data's package."""
    ignore: tuple[str, ...] = ()
    """Columns there that the schema leaves out."""
    cleared: tuple[str, ...] = ()
    """Columns that look like personal data and are none."""


class Workload(ABC):
    """One use case. `examples` says what is asked and what was true, the rest how it is answered."""

    name: ClassVar[str]
    task: ClassVar[Task]
    tables: ClassVar[Sequence[Table]]
    views: ClassVar[Sequence[FeatureView]] = ()
    transform: ClassVar[Transform]
    """Not fitted."""
    network: ClassVar[str]
    """`package.module:function`, called with what `shape` returns."""
    target: ClassVar[str]
    sdist: ClassVar[bool] = False
    """Whether the data's package is a source archive, no wheel."""
    groups: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    """Slices that quality is told by: name to a function from examples to a label per row."""
    protected: ClassVar[Sequence[str]] = ()
    """Those of `groups` between which fairness is judged: evidence, never inputs."""
    request: ClassVar[Schema]
    """Columns of a request to the endpoint: those that the transform reads."""
    example: ClassVar[Mapping[str, Any]]
    """A request that the endpoint is tried with."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    @property
    def data(self) -> Data:
        """Where the tables come from."""
        return self.spec.data

    @abstractmethod
    def examples(self, tables: Mapping[str, Any]) -> Any:
        """Arrow table: ID, AT, PERIOD, the target (null while it is not known), and the columns asked with."""

    def thresholds(self) -> dict[str, Any]:
        """What the release gate judges by: those of the spec."""
        return self.spec.release.model_dump(mode="json") | {"min_group": self.spec.min_group}

    @property
    def metric(self) -> str:
        """The one that slices, spoilt inputs and champions are compared by; `release.quality.METRICS` has it."""
        return "accuracy" if self.task == "classification" else "mae"

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns of a request that the model reads."""
        return tuple(name for name in self.request.names if name in self.transform.names)

    @property
    def logged(self) -> tuple[str, ...]:
        """Columns of a request that its log keeps."""
        return self.inputs if self.spec.monitor.logged else ()

    @property
    def persons(self) -> bool:
        """Whether a row of any table is a person's."""
        return any(table.schema.subject is not None for table in self.tables)

    def told(self, card: Mapping[str, Any]) -> dict[str, str]:
        """A few lines on the model for people, by what each is about."""
        found = card["compared"]
        lines = {"quality": f"{figures(found['network'])} on {found['rows']:,} rows"}
        return lines | {"beside": "; ".join(f"{name}: {figures(found[name])}" for name in ("boosting", "linear"))}

    def derived(self, tables: Mapping[str, Any]) -> Mapping[str, Any]:
        """Rows of views by their source, where these are no table of the lake as it is."""
        return tables

    @abstractmethod
    def shape(self, transform: Transform, target: Any) -> dict[str, Any]:
        """The network's sizes, of the fitted transform and the training rows' target."""


def figures(quality: Mapping[str, float]) -> str:
    """Figures of quality, for people."""
    return ", ".join(f"{name} {value:.4f}" for name, value in quality.items())

"""Impact: what a person's rows are in: table versions, models trained on them, endpoints that serve these models."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from workloads.lib.data.table import Lake, of_subject

ModelsOf = Callable[[str, int], Iterable[str]]
"""(table, snapshot) -> the models trained on that version."""
EndpointsOf = Callable[[str], Iterable[str]]
"""A model -> the endpoints that serve it."""


@dataclass(frozen=True)
class Impact:
    """rows: {table: {snapshot: the person's rows in it}}, only where there are some. endpoints: {model: its own}."""

    subject: str
    rows: Mapping[str, Mapping[int, int]]
    endpoints: Mapping[str, tuple[str, ...]]

    @property
    def models(self) -> tuple[str, ...]:
        """The models that saw the person, sorted."""
        return tuple(sorted(self.endpoints))

    def as_dict(self) -> dict[str, Any]:
        """As JSON; snapshots as text (63 bits)."""
        rows = {table: {str(at): number for at, number in found.items()} for table, found in self.rows.items()}
        return asdict(self) | {"rows": rows, "models": list(self.models)}


def impact(lake: Lake, subject: str, models_of: ModelsOf, endpoints_of: EndpointsOf) -> Impact:
    """Of every table that has a subject, in every snapshot that was not expired: raw and quarantined rows, too."""
    rows = {table: found for table in lake.tables() if (found := _rows(lake, table, subject))}
    models = {model for table, found in rows.items() for at in found for model in models_of(table, at)}
    return Impact(subject, rows, {model: tuple(sorted(endpoints_of(model))) for model in sorted(models)})


def _rows(lake: Lake, table: str, subject: str) -> dict[int, int]:
    schema = lake.schema(table)
    if schema.subject is None or (where := of_subject(schema, subject)) is None:
        return {}
    counts = {s.id: lake.read(table, s.id, (schema.subject,), where).num_rows for s in lake.snapshots(table)}
    return {at: number for at, number in counts.items() if number}

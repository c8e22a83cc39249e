# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Where rows come from, and an Iceberg table as such a place. (`files` and `sql` have the others.)

A source is a list of parts; a part gives the same rows in the same order each time it is read, and its digest says so.
Thus (part, row number) names a row, which is what lets a load go on after a kill.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from infra.errors import FalajError
from workloads.lib.data import raw
from workloads.lib.fingerprint import of_value


@dataclass(frozen=True)
class Part:
    """A piece of a source. elsewhere: whether another process may read it (it takes no key of the platform along)."""

    name: str
    digest: str
    read: Callable[[], Iterator[raw.Rows]]
    elsewhere: bool = True


class Source(Protocol):
    """Anything with parts."""

    @property
    def place(self) -> str:
        """What an error calls it; says no password."""
        ...

    def parts(self) -> list[Part]:
        """Its parts, in order. DAT-009 when there is nothing to read, or it may not be read from here."""
        ...


@dataclass(frozen=True)
class Iceberg:
    """A table of pyiceberg: the lake's own (`lake.table(name)`) or one of another catalogue, at one snapshot."""

    table: Any = field(repr=False)
    snapshot: int | None = None

    @property
    def place(self) -> str:
        """The table's name."""
        return ".".join(self.table.name())

    def parts(self) -> list[Part]:
        """One part, read in this process: another one has not the table's keys."""
        at = self.snapshot or (current.snapshot_id if (current := self.table.current_snapshot()) else None)
        if at is None:
            raise FalajError("DAT-009", self.place, "the table is empty")
        return [Part(self.place, of_value([self.place, at]), lambda: self._rows(at), elsewhere=False)]

    def _rows(self, at: int) -> Iterator[raw.Rows]:
        for batch in self.table.scan(snapshot_id=at).to_arrow_batch_reader():
            yield raw.as_text(pa.Table.from_batches([batch]))

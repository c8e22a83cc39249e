"""Which rows of a person are in which table, and what was made from those: models, aliases, endpoints.

Tables are looked into by the finder that their lineage names. What cannot be looked into is told: no answer is not no.
What was made from a table that has rows of the person may contain them; lineage goes by table, not by row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, cast

from infra.errors import FalajError
from workloads.lib.lineage.query import Graph, Thing
from workloads.lib.object_store import ObjectStore

Finder = Callable[[ObjectStore, Mapping[str, Any], str], int]
"""How many rows of a person a table has: (store, facet {place, column}, the person's id)."""


@dataclass(frozen=True)
class Found:
    """What is known of one person."""

    rows: dict[str, int]
    """Id of a table to the number of rows, where there are any."""
    unknown: dict[str, str]
    """Id of a table that could not be looked into, and why."""
    reached: Graph = field(default_factory=Graph)
    """The tables with rows and all that was made from them."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON; the person's id is not in it."""
        models, points = self.reached.of_kind("model"), self.reached.of_kind("alias", "endpoint")
        return {
            "rows": self.rows,
            "unknown": self.unknown,
            "models": [thing.id for thing in models],
            "pointing": [{"id": thing.id, "kind": thing.kind, "current": thing.current} for thing in points],
            **self.reached.as_dict(),
        }


def rows_in_parquet(store: ObjectStore, facet: Mapping[str, Any], subject: str) -> int:
    """Rows of a sealed Parquet table; only the column of ids is decoded."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    compute, parquet = cast("Any", pc), cast("Any", pq)
    ids = parquet.read_table(BytesIO(store.get(facet["place"])), columns=[facet["column"]])[0]
    return int(compute.sum(compute.equal(compute.cast(ids, "string"), subject)).as_py() or 0)


def rows_in_lake(store: ObjectStore, facet: Mapping[str, Any], subject: str) -> int:
    """Rows of a snapshot of a table of the lake, `table@snapshot`."""
    from workloads.lib.data.table import Lake, of_subject

    table, _, snapshot = facet["place"].partition("@")
    lake = Lake(store)
    where = of_subject(lake.schema(table), subject)
    return 0 if where is None else lake.read(table, int(snapshot), (facet["column"],), where).num_rows


FINDERS: dict[str, Finder] = {"parquet": rows_in_parquet, "lake": rows_in_lake}
"""Another kind of table adds its own."""


def find(store: ObjectStore, graph: Graph, subject: str) -> Found:
    """The person's rows, and what they reached."""
    rows: dict[str, int] = {}
    unknown: dict[str, str] = {}
    for thing in graph.things.values():
        if "falaj_subjects" in thing.facets:
            try:
                rows[thing.id] = _rows(store, thing, subject)
            except (FalajError, OSError, ValueError, KeyError) as error:
                unknown[thing.id] = str(error)
    there = {table: number for table, number in rows.items() if number}
    return Found(there, unknown, graph.downstream(*there))


def _rows(store: ObjectStore, thing: Thing, subject: str) -> int:
    facet = thing.facets["falaj_subjects"]
    return FINDERS[facet["finder"]](store, facet, subject)

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Ingest: land a source's rows in the lake as they are, each exactly once, however often the load is killed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from infra.errors import FalajError
from workloads.lib.data import classify
from workloads.lib.data.column import Column, Schema
from workloads.lib.data.raw import Rows
from workloads.lib.data.source import Part, Source
from workloads.lib.data.table import Lake
from workloads.lib.fingerprint import of_value

PART, ROW = "_part", "_row"
COMMIT_ROWS = 250_000
Done = Mapping[str, Any]
"""The row numbers of each part that are in the lake already."""


@dataclass(frozen=True)
class Landed:
    """A complete load: the tag `load` of `table`. resumed: rows that an earlier, killed run had committed."""

    table: str
    load: str
    rows: int
    resumed: int


def land(
    lake: Lake,
    source: Source,
    schema: Schema,
    ignore: Sequence[str] = (),
    cleared: Sequence[str] = (),
    ray: Any = None,
    commit_rows: int = COMMIT_ROWS,
) -> Landed:
    """The source's rows as texts in the table `<schema.name>_raw`, under a tag that is made when all are there.

    ignore: columns of the source that the schema leaves out. cleared: columns that look like personal data and are
    none. ray: a connected `ray`, to read the parts beside each other. A row is named by its part and place; rows are
    committed in pieces to a branch of the load's own, and a run that finds the branch goes on from the rows in it. A
    load's name is the digest of what it reads: the same source again is done already, a changed one is another load.
    DAT-009 no rows, DAT-011 columns missing or new, DAT-012 undeclared personal data (before it enters the lake).
    """
    parts = source.parts()
    load = "load-" + of_value([[part.name, part.digest] for part in parts]).removeprefix("sha256:")[:16]
    landed, opened, resumed = landing(schema, "raw"), f"{load}-open", 0
    lake.create(landed)
    if load not in lake.names(landed.name):
        done = _done(lake, landed.name, opened)
        resumed = sum(len(rows) for rows in done.values())
        for piece in _pieces(_read(parts, done, ray), commit_rows):
            lake.append(landed.name, _checked(piece, schema, source.place, ignore, cleared), branch=opened)
        if not lake.rows(landed.name, opened):
            raise FalajError("DAT-009", source.place, "it has columns and no row")
        lake.tag(landed.name, load, opened)
    if opened in lake.names(landed.name):
        lake.forget(landed.name, opened)
    return Landed(landed.name, load, lake.rows(landed.name, load), resumed)


def landing(schema: Schema, what: str, *more: Column) -> Schema:
    """A table of rows as delivered: every column a text that may be missing; whose row it is stays known."""
    placed = (Column(PART, "Part of the source", "text"), Column(ROW, "Row of the part", "integer", 0))
    raw = (Column(c.name, "As delivered", "text", nullable=True, pii=c.pii) for c in schema.columns)
    return Schema(f"{schema.name}_{what}", (*placed, *raw, *more), key=(PART, ROW), subject=schema.subject)


def _done(lake: Lake, table: str, branch: str) -> Done:
    """What the load's branch holds. It is made from `main`, which stays empty here, when this is the first run."""
    if not lake.snapshots(table):
        lake.append(table, lake.read(table))
    if branch not in lake.names(table):
        lake.branch(table, branch)
    there = lake.read(table, branch, (PART, ROW))
    parts, rows = np.asarray(there[PART].to_pylist()), there[ROW].to_numpy()
    return {str(part): rows[parts == part] for part in np.unique(parts)}


def _checked(piece: Rows, schema: Schema, place: str, ignore: Sequence[str], cleared: Sequence[str]) -> Rows:
    missing = [name for name in schema.names if name not in piece.column_names]
    new = [name for name in piece.column_names if name not in (*schema.names, *ignore, PART, ROW)]
    if missing or new:
        told = [f"it has no column {', '.join(missing)}"] * bool(missing) + [f"new is {', '.join(new)}"] * bool(new)
        raise FalajError("DAT-011", place, "; ".join(told))
    classify.check(schema, piece, place, cleared)
    return piece.select([PART, ROW, *schema.names])


def _read(parts: Sequence[Part], done: Done, ray: Any) -> Iterator[Rows]:
    """The rows that are not done, in pieces that each are of one part. By ray: those that may be read elsewhere."""
    away = [part for part in parts if ray is not None and part.elsewhere]
    for part in parts:
        if part not in away:
            yield from _fresh(part, done)
    if away:
        yield from _by_ray(ray, away, done)


def _fresh(part: Part, done: Done) -> Iterator[Rows]:
    start, landed = 0, done.get(part.name, ())
    for batch in part.read():
        numbers = np.arange(start, start := start + batch.num_rows)
        named = batch.append_column(PART, pa.repeat(part.name, batch.num_rows)).append_column(ROW, pa.array(numbers))
        yield named.filter(pa.array(~np.isin(numbers, landed)))


def _by_ray(ray: Any, parts: Sequence[Part], done: Done) -> Iterator[Rows]:
    """One task of Ray Data a part; its rows stream here, where the keys of the lake are."""

    def read(batch: Any) -> Iterator[Rows]:
        for at in batch["id"].to_pylist():
            yield from _fresh(parts[at], done)

    chosen = ray.data.range(len(parts), override_num_blocks=len(parts))
    rows = chosen.map_batches(read, batch_size=1, batch_format="pyarrow")
    try:
        yield from rows.iter_batches(batch_size=None, batch_format="pyarrow")
    except Exception as error:  # ray wraps what a task raised, and its class does not survive
        raise FalajError.from_text(str(error)) or error from error


def _pieces(batches: Iterator[Rows], rows: int) -> Iterator[Rows]:
    """Batches put together to commits of about so many rows; batches of other columns stay apart."""
    held: list[Rows] = []
    for batch in batches:
        if held and (batch.column_names != held[0].column_names or sum(b.num_rows for b in held) >= rows):
            yield pa.concat_tables(held)
            held = []
        held += [batch] if batch.num_rows else []
    if held:
        yield pa.concat_tables(held)

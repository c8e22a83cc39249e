# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The lake: versioned tables (Apache Iceberg) whose every file is a sealed object of the platform's store.

The catalogue is a SQLite file beside the objects. It holds one row per table: the table's name and the name of the
object with its current metadata; no column, row, path or statistic. It is the only thing not sealed: who can write it
can point a table at an older version of itself, which a pinned `TableVersion` does not follow.
"""

import fcntl
import json
import os
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    NoSuchTableError,
    TableAlreadyExistsError,
    ValidationException,
)
from pyiceberg.expressions import AlwaysTrue, BooleanExpression, EqualTo, In
from pyiceberg.table import Table

from infra.errors import FalajError
from workloads.lib.data import digest
from workloads.lib.data.column import Schema
from workloads.lib.data.sealed_io import SCHEME, STORE, SealedIO, object_name
from workloads.lib.object_store import ObjectStore

MAIN = "main"
NAMESPACE = "lake"
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
SCHEMA = "falaj.schema"
"""The table's property with its `Schema` as JSON."""
RETRIES = {f"commit.retry.{name}": value for name, value in (("num-retries", "20"), ("max-wait-ms", "500"))}
Rows = Any
"""A `pyarrow.Table`; pyarrow ships no types that a strict checker accepts."""
Where = str | BooleanExpression
EVERY = AlwaysTrue()
At = int | str
"""A snapshot's id, or the name of a tag or branch."""


@dataclass(frozen=True)
class TableVersion:
    """The rows of one snapshot. digest: of the content alone (`digest.of_table`), so a rewrite of files keeps it."""

    table: str
    snapshot: int
    digest: str
    rows: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON. (A snapshot's id has 63 bits, more than JavaScript keeps: it is a text there.)"""
        return asdict(self) | {"snapshot": str(self.snapshot)}


@dataclass(frozen=True)
class Snapshot:
    """One commit. at: UTC. rows: in all, after it. note: what the writer said of it."""

    id: int
    parent: int | None
    at: datetime
    operation: str
    rows: int
    names: tuple[str, ...]
    note: Mapping[str, str]


@dataclass(frozen=True)
class Lake:
    """The tables of a store. Several processes may use one lake; of two commits to the same rows one is DAT-004."""

    store: ObjectStore

    @cached_property
    def catalogue(self) -> SqlCatalog:
        """pyiceberg's catalogue, made when it is not there."""
        file = self.store.path / "catalogue.sqlite"
        file.touch(mode=0o600)
        io: dict[str, Any] = {"py-io-impl": f"{SealedIO.__module__}.{SealedIO.__name__}", STORE: self.store}
        catalogue = SqlCatalog("falaj", uri=f"sqlite:///{file}", warehouse=SCHEME.rstrip("/"), **io)
        catalogue.create_namespace_if_not_exists(NAMESPACE)
        return catalogue

    def tables(self) -> list[str]:
        """The tables' names, sorted."""
        return sorted(name for _, name in self.catalogue.list_tables(NAMESPACE))

    def create(self, schema: Schema) -> None:
        """The table `schema.name`, made when it is not there. DAT-005 when it is there with another schema."""
        if not NAME.fullmatch(schema.name):
            problem = "a table's name is a lower-case letter, then up to 39 of a-z, 0-9 and _"
            raise FalajError("DAT-003", f"table {schema.name!r}", problem)
        properties = {SCHEMA: json.dumps(schema.as_dict()), **RETRIES}
        try:
            where = f"{SCHEME}{NAMESPACE}/{schema.name}"
            self.catalogue.create_table((NAMESPACE, schema.name), schema.arrow, where, properties=properties)
        except TableAlreadyExistsError:
            if (there := self.schema(schema.name)) != schema:
                raise FalajError("DAT-005", f"table {schema.name}", _difference(there, schema)) from None

    def schema(self, table: str) -> Schema:
        """The table's schema, as it was created."""
        return Schema.of_dict(json.loads(self.table(table).properties[SCHEMA]))

    def append(self, table: str, rows: Rows, branch: str = MAIN, note: Mapping[str, str] | None = None) -> None:
        """Commit the rows, all or none. Appends of several processes all land. DAT-005 when they are of other types."""
        with self.commit(table) as there:
            there.append(_fit(rows, there, table), dict(note or {}), branch=branch)

    def overwrite(self, table: str, rows: Rows, where: Where = EVERY, branch: str = MAIN) -> None:
        """Commit these rows in place of those that `where` finds. DAT-004 when another writer was at them meanwhile."""
        with self.commit(table) as there:
            there.overwrite(_fit(rows, there, table), where, branch=branch)

    def delete(self, table: str, where: Where, branch: str = MAIN) -> None:
        """Commit without the rows that `where` finds. Older snapshots still have them: see `erase`."""
        with self.commit(table) as there:
            there.delete(where, branch=branch)

    def delete_in(self, table: str, name: str, where: Where) -> None:
        """Delete the rows of a branch, or of a tag, which then names a new snapshot without them."""
        if self.table(table).metadata.refs[name].snapshot_ref_type == "branch":
            self.delete(table, where, name)
            return
        work = f"{name}-erasing"
        if work in self.names(table):  # a killed run's
            self.forget(table, work)
        self.branch(table, work, name)
        self.delete(table, where, work)
        with self.commit(table) as there, there.manage_snapshots() as manage:
            manage.create_tag(self.find(there, table, work), name).remove_branch(work)

    def snapshots(self, table: str) -> list[Snapshot]:
        """Every snapshot that was not expired, oldest first."""
        there = self.table(table)
        refs = {name: ref.snapshot_id for name, ref in sorted(there.metadata.refs.items())}
        return [_snapshot(found, refs) for found in there.metadata.snapshots]

    def names(self, table: str) -> dict[str, int]:
        """Every tag and branch, and the snapshot it names."""
        return {name: ref.snapshot_id for name, ref in self.table(table).metadata.refs.items()}

    def rows(self, table: str, at: At = MAIN) -> int:
        """How many rows there are, without reading them."""
        there = self.table(table)
        return there.scan(snapshot_id=self.find(there, table, at)).count()

    def tag(self, table: str, name: str, at: At = MAIN) -> None:
        """Name a snapshot for good: it is kept while its tag is. DAT-006 when the name is taken by another one."""
        self._name(table, name, at, tag=True)

    def branch(self, table: str, name: str, at: At = MAIN) -> None:
        """A line of commits of its own, from a snapshot on. DAT-006 when the name is taken by another one."""
        self._name(table, name, at, tag=False)

    def publish(self, table: str, branch: str) -> None:
        """Let `main` be what the branch is, in one commit; the branch's name goes."""
        with self.commit(table) as there, there.manage_snapshots() as manage:
            manage.set_current_snapshot(self.find(there, table, branch)).remove_branch(branch)

    def forget(self, table: str, name: str) -> None:
        """Remove a tag or a branch; its snapshots stay until they are expired."""
        with self.commit(table) as there, there.manage_snapshots() as manage:
            self.find(there, table, name)
            manage.remove_tag(name)

    def rollback(self, table: str, to: At) -> None:
        """Let `main` be an older snapshot of itself again. DAT-006 when it never was that."""
        with self.commit(table) as there:
            snapshot = self.find(there, table, to)
            try:
                there.manage_snapshots().rollback_to_snapshot(snapshot).commit()
            except ValueError as error:
                raise FalajError("DAT-006", f"table {table}", f"main never was snapshot {to}") from error

    def version(self, table: str, at: At = MAIN) -> TableVersion:
        """What to write down of the rows that were used. Reads them all, for their digest."""
        snapshot = self.find(self.table(table), table, at)
        rows = self.read(table, snapshot)
        return TableVersion(table, snapshot, digest.of_table(rows), rows.num_rows)

    def read(
        self,
        table: str | TableVersion,
        at: At = MAIN,
        columns: Sequence[str] = ("*",),
        where: Where = EVERY,
    ) -> Rows:
        """The rows at a snapshot, tag or branch; of an empty table none. where: as `year = 2015 and sex = 1`.

        Of a TableVersion they are the very rows: DAT-007 when they are not (all of them are read to know).
        """
        name = table if isinstance(table, str) else table.table
        there = self.table(name)
        kind = Schema.of_dict(json.loads(there.properties[SCHEMA])).arrow
        if isinstance(table, TableVersion):
            at = table.snapshot
            whole = there.scan(snapshot_id=self.find(there, name, at)).to_arrow().cast(kind)
            if (found := digest.of_table(whole)) != table.digest:
                raise FalajError("DAT-007", f"table {name}", f"snapshot {at} holds {found}, {table.digest} was written")
        elif at == MAIN and there.current_snapshot() is None:
            return kind.empty_table().select(kind.names if tuple(columns) == ("*",) else columns)
        found = there.scan(where, tuple(columns), snapshot_id=self.find(there, name, at)).to_arrow()
        return found.cast(pa.schema([kind.field(column) for column in found.column_names]))

    def table(self, name: str) -> Table:
        """pyiceberg's table. DAT-003 when there is none, DAT-007 when the catalogue points at another one's."""
        try:
            there = self.catalogue.load_table((NAMESPACE, name))
        except NoSuchTableError:
            raise FalajError("DAT-003", f"table {name}", f"there is none; there are {self.tables()}") from None
        if there.location() != f"{SCHEME}{NAMESPACE}/{name}":
            raise FalajError("DAT-007", f"table {name}", f"the catalogue points at the metadata of {there.location()}")
        return there

    @contextmanager
    def commit(self, name: str, *, alone: bool = False) -> Generator[Table]:
        """The table, for one commit. alone: with no other writer at work, whose files would look like nobody's."""
        with os.fdopen(os.open(self.store.path / "catalogue.lock", os.O_CREAT | os.O_WRONLY, 0o600)) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            try:
                yield self.table(name)
            except (CommitFailedException, ValidationException) as error:
                problem = f"another writer was first: {str(error).splitlines()[0]}"
                raise FalajError("DAT-004", f"table {name}", problem) from error

    def expire(self, name: str, keep: Sequence[At] = (MAIN,)) -> list[str]:
        """Keep these snapshots only, and delete every object that no kept one needs. Returns the deleted names.

        Other tags and branches go too. What a killed writer left behind is no kept one's, and goes with the rest.
        """
        with self.commit(name, alone=True) as there:
            kept = {self.find(there, name, at) for at in keep}
            with there.manage_snapshots() as manage:
                for ref, pointed in there.metadata.refs.items():
                    if pointed.snapshot_id not in kept:
                        manage.remove_tag(ref)
            gone = [s.snapshot_id for s in self.table(name).metadata.snapshots if s.snapshot_id not in kept]
            if gone:
                self.table(name).maintenance.expire_snapshots().by_ids(gone).commit()
            there = self.table(name)
            needed = _objects(there)
            removed = [o for o in self.store.names(f"{NAMESPACE}/{name}/") if o not in needed]
            for name in removed:
                self.store.delete(name)
            return removed

    def find(self, there: Table, table: str, at: At) -> int:
        """The snapshot's id. DAT-006 when the table has none of that id or name."""
        found = there.snapshot_by_id(at) if isinstance(at, int) else there.snapshot_by_name(at)
        if found is None:
            names = ", ".join(sorted(there.metadata.refs)) or "none yet"
            raise FalajError("DAT-006", f"table {table}", f"it has no snapshot, tag or branch {at}; named are {names}")
        return found.snapshot_id

    def _name(self, table: str, name: str, at: At, *, tag: bool) -> None:
        with self.commit(table) as there:
            snapshot = self.find(there, table, at)
            if (taken := there.metadata.refs.get(name)) is not None:
                if taken.snapshot_id == snapshot and (taken.snapshot_ref_type == "tag") == tag:
                    return
                problem = f"{name} is {taken.snapshot_ref_type.value} of snapshot {taken.snapshot_id}, not {snapshot}"
                raise FalajError("DAT-006", f"table {table}", problem)
            manage = there.manage_snapshots()
            (manage.create_tag if tag else manage.create_branch)(snapshot, name).commit()


def of_subject(schema: Schema, subject: str) -> Where | None:
    """What finds the rows of one person, also in a table of texts as delivered; None where there can be none."""
    if schema.subject is None:
        return None
    if schema[schema.subject].kind == "text":
        ways = {subject, f"{subject}.0"}  # a whole number may be delivered as a decimal
        return In(schema.subject, ways)  # pyright: ignore[reportCallIssue]
    if not re.fullmatch(r"-?\d{1,18}", subject):
        return None
    return EqualTo(schema.subject, int(subject))  # pyright: ignore[reportCallIssue]


def _fit(rows: Rows, there: Table, name: str) -> Rows:
    """The rows in the table's order and types; nothing is lost or invented on the way."""
    kind = Schema.of_dict(json.loads(there.properties[SCHEMA])).arrow
    if set(rows.column_names) != set(kind.names):
        raise FalajError("DAT-005", f"table {name}", f"it has columns {kind.names}, the rows have {rows.column_names}")
    try:
        return rows.select(kind.names).cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise FalajError("DAT-005", f"table {name}", str(error).splitlines()[0]) from error


def _difference(there: Schema, given: Schema) -> str:
    changed = sorted({c.name for c in set(there.columns) ^ set(given.columns)})
    return f"it was created with another schema; {', '.join(changed) or 'key, time or subject'} differ"


def _snapshot(found: Any, refs: Mapping[str, int]) -> Snapshot:
    names = tuple(name for name, pointed in refs.items() if pointed == found.snapshot_id)
    at = datetime.fromtimestamp(found.timestamp_ms / 1000, UTC)
    summary: dict[str, str] = dict(found.summary.additional_properties)
    rows = int(summary.get("total-records", 0))
    operation = found.summary.operation.value
    return Snapshot(found.snapshot_id, found.parent_snapshot_id, at, operation, rows, names, summary)


def _objects(there: Table) -> set[str]:
    """Every object that the table's snapshots need; the metadata's older versions are none."""
    found = {there.metadata_location}
    for snapshot in there.metadata.snapshots:
        found.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(there.io):
            found.add(manifest.manifest_path)
            found |= {entry.data_file.file_path for entry in manifest.fetch_manifest_entry(there.io)}
    return {object_name(location) for location in found}

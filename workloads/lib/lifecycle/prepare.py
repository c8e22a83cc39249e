# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""From packages to examples: rows land, are validated, chosen by consent, and joined with features as known then."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute

from infra.errors import FalajError
from workloads.lib.consent.select import select
from workloads.lib.data.files import Package
from workloads.lib.data.ingest import Landed, land
from workloads.lib.data.table import Lake, TableVersion
from workloads.lib.data.validate import validate
from workloads.lib.features.history import History
from workloads.lib.features.join import join
from workloads.lib.features.materialise import materialise
from workloads.lib.features.online import Online
from workloads.lib.features.transform import Transform
from workloads.lib.lifecycle.workload import AT, ID, PERIOD, Workload
from workloads.lib.train.examples import to_bytes
from workloads.lib.workspace import Workspace

pc: Any = pyarrow.compute
NULLS = ("", "NA")


def ingest(workload: Workload, lake: Lake) -> dict[str, Landed]:
    """Every table's rows in the lake, as they were delivered."""
    data, landed = workload.data, {}
    for table in workload.tables:
        members = tuple(table.members.items())
        source = Package(data.requirement, data.sha256, members, sdist=workload.sdist, nulls=NULLS)
        landed[table.schema.name] = land(lake, source, table.schema, table.ignore, table.cleared)
    return landed


def validated(workload: Workload, lake: Lake, landed: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """{table: {version, quality}} of the clean rows; the others are in quarantine with their reasons.

    landed: {table: fields of `Landed`}.
    """
    found: dict[str, Any] = {}
    for table in workload.tables:
        name, now = table.schema.name, datetime.now(UTC)
        done = validate(lake, Landed(**landed[name]), table.schema, now, workload.data.max_quarantined)
        # How old the rows are today is no part of what they are.
        quality = replace(done.quality, age_seconds=None).as_dict()
        found[name] = {"version": done.version.as_dict(), "quality": quality}
    return found


def people(workload: Workload, tables: Mapping[str, Any]) -> list[str]:
    """Whose rows there are, as texts, each once."""
    personal = [table.schema for table in workload.tables if table.schema.subject is not None]
    found = {str(one) for schema in personal for one in pc.unique(tables[schema.name][schema.subject]).to_pylist()}
    return sorted(found)


def chosen(workload: Workload, tables: Mapping[str, Any], granted: frozenset[str]) -> tuple[dict[str, Any], int]:
    """(the tables with the rows of these persons alone, how many rows of others there were)."""
    left, out = dict(tables), 0
    for table in workload.tables:
        if table.schema.subject is not None:
            left[table.schema.name], others = select(tables[table.schema.name], table.schema, granted)
            out += others
    return left, out


def covered(workload: Workload, tables: Mapping[str, Any], granted: frozenset[str]) -> dict[str, int]:
    """{rows, covered}: of the persons' tables that a run goes on with, and how many of these are of who consents."""
    personal = [table.schema for table in workload.tables if table.schema.subject is not None]
    whose = [one for schema in personal for one in tables[schema.name][schema.subject].to_pylist()]
    return {"rows": len(whose), "covered": sum(str(one) in granted for one in whose)}


def read(lake: Lake, versions: Mapping[str, Any]) -> dict[str, Any]:
    """The rows of these versions, proven to be the very ones."""
    return {name: lake.read(version(found["version"])) for name, found in versions.items()}


def version(fields: Mapping[str, Any]) -> TableVersion:
    """What `TableVersion.as_dict` wrote."""
    return TableVersion(fields["table"], int(fields["snapshot"]), fields["digest"], fields["rows"])


def joined(workload: Workload, tables: Mapping[str, Any]) -> Any:
    """The examples with every view's features, as they were known at each one's instant, in the order of their ids."""
    rows = workload.examples(tables)
    if missing := [name for name in (ID, AT, PERIOD, workload.target) if name not in rows.column_names]:
        raise FalajError("WRK-006", f"examples of {workload.name}", f"they have no column {', '.join(missing)}")
    sources = workload.derived(tables)
    histories = [History.of(view, sources[view.source]) for view in workload.views]
    return join(rows.sort_by(ID), AT, *histories)


def materialise_views(workload: Workload, tables: Mapping[str, Any], online: Online, version: str) -> int:
    """Bring every view online as of its newest row; how many keys were written. version: of tables and code."""
    sources, written = workload.derived(tables), 0
    for view in workload.views:
        history = History.of(view, sources[view.source])
        written += materialise(online, history, version, int(history.usable.max(initial=0)))
    return written


def encode(workload: Workload, examples: Any, work: Workspace) -> dict[str, Any]:
    """Seal `transform`, `train` and, when there are periods for it, `validation`; returns the counts of rows.

    The transform is fitted on the training periods alone. A row whose target is not known is in none of the parts.
    """
    split, target = workload.spec.split, workload.target
    parts = {"train": split.train, "validation": split.validate_, "test": split.test}
    rows = {name: of_periods(examples, periods, target) for name, periods in parts.items() if periods}
    transform = workload.transform.fit(columns(rows["train"], workload.transform))
    work.put("transform", transform.model_dump_json().encode())
    for name in rows.keys() - {"test"}:
        inputs = transform.encode(columns(rows[name], transform))
        small = {key: array.astype("int16") if key == "slots" else array for key, array in inputs.items()}
        work.put(name, to_bytes(small, rows[name][target].to_numpy().astype("float32")))
    counts = {name: part.num_rows for name, part in rows.items()}
    unknown = examples.filter(pc.is_null(examples[target])).num_rows
    return counts | {"unlabelled": unknown}


def of_periods(examples: Any, periods: tuple[int, ...], target: str) -> Any:
    """The examples of these periods whose target is known."""
    there = pc.is_in(examples[PERIOD], value_set=pa.array(periods, examples[PERIOD].type))
    return examples.filter(pc.and_(there, pc.is_valid(examples[target])))


def columns(rows: Any, transform: Transform) -> dict[str, Any]:
    """What the transform reads."""
    return {name: rows[name] for name in transform.names}

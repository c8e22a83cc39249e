"""Hostile tables (mirrors no module): every kind of file that a row may come from, whole or packed."""

import gzip
import io
import zipfile
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from tests.fuzz.hostile import MIB, QUICK, TEXTS, ends_well, every, of_bytes
from workloads.lib.consent.ledger import Entry
from workloads.lib.data import raw

ROWS = pa.table(
    {
        "id": [1, 2, 3],
        "name": ["a", None, "c"],
        "at": [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)],
        "share": [0.5, float("nan"), None],
    }
)


def _parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    parquet.write_table(table, out)
    return out.getvalue()


def _zip(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


CSV = b'id,name,share\n1,"a ""b""",0.5\n2,,\n3,c,1e3\n'
JSON = b'{"id": 1, "name": "a"}\n{"id": 2, "share": 0.25, "on": true}\n\n'
SOUND = {
    "t.csv": CSV,
    "t.jsonl": JSON,
    "t.parquet": _parquet(ROWS),
    "t.csv.gz": gzip.compress(CSV, mtime=0),
    "t.jsonl.gz": gzip.compress(JSON, mtime=0),
    "t.csv.zip": _zip("t.csv", CSV),
    "t.parquet.zip": _zip("t.parquet", _parquet(ROWS)),
}


def rows(name: str, data: bytes) -> int:
    return sum(batch.num_rows for batch in raw.read(io.BytesIO(data), name, ("",)))


@pytest.mark.parametrize("name", SOUND)
@given(data=st.data())
@QUICK
def test_a_changed_table(name: str, data: st.DataObject) -> None:
    changed = data.draw(of_bytes(SOUND[name]))
    found = ends_well(lambda: rows(name, changed))
    assert isinstance(found, int) or found == "DAT-008"


@pytest.mark.parametrize("name", SOUND)
def test_no_table(name: str) -> None:
    assert rows(name, SOUND[name]) > 0
    for text in TEXTS:
        for data in (text, gzip.compress(text), _zip(name.removesuffix(".zip"), text)):
            found = ends_well(lambda it=data: rows(name, it))
            assert isinstance(found, int) or found == "DAT-008"


def test_one_endless_line_does_not_fill_the_memory() -> None:
    for name in ("t.csv.gz", "t.jsonl.gz"):
        out = io.BytesIO()
        with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as packed:
            for _ in range(MIB + 100):
                packed.write(b"x" * (1 << 20))
        whole = out.getvalue()
        assert ends_well(lambda it=name, data=whole: rows(it, data)) == "DAT-008"


def test_doubled_columns_and_columns_of_no_plain_values() -> None:
    doubled = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["id", "id"])
    nested = pa.table({"a": [[1]], "b": [{"x": 1}]})
    for table in (doubled, nested, pa.table({"a": [b"\xff"]}), pa.table({"a": pa.array([1], pa.duration("s"))})):
        found = ends_well(lambda it=table: rows("t.parquet", _parquet(it)))
        assert found in (1, "DAT-008")
    assert ends_well(lambda: rows("t.csv", b"id,id\n1,2\n")) in (1, "DAT-008")


LEDGER = {
    "subject": "7",
    "purpose": "research",
    "state": "granted",
    "at": "2026-01-01T00:00:00+00:00",
    "recorded": "2026-01-01T00:00:00+00:00",
}


def test_an_entry_of_the_ledger_with_each_value_in_each_place() -> None:
    for fields in every(LEDGER):
        if isinstance(fields, dict):
            found = ends_well(lambda it=fields: Entry.of_dict(it).as_dict())
            assert isinstance(found, dict) or found == "DAT-015"

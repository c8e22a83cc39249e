"""The lake keeps versions, gives back just what was written, and leaves nothing readable on the disk."""

import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from infra.errors import FalajError
from tests.workloads.lib.data.conftest import VISITS, visits
from workloads.lib.data.column import Column, Schema
from workloads.lib.data.table import Lake
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore


def refused(action, *arguments, **named) -> str:
    with pytest.raises(FalajError) as caught:
        action(*arguments, **named)
    return caught.value.code


def test_rows_come_back_by_version_tag_branch_column_and_filter(lake: Lake):
    assert lake.read("visits").num_rows == 0
    lake.append("visits", visits(0, 50))
    lake.tag("visits", "first")
    lake.branch("visits", "trial")
    lake.append("visits", visits(50, 80), note={"source": "a.csv"})
    lake.append("visits", visits(900, 905), branch="trial")

    assert lake.read("visits").sort_by("id").equals(visits(0, 80).cast(VISITS.arrow))
    assert lake.read("visits", "first").num_rows == 50
    assert lake.read("visits", "trial").num_rows == 55
    heavy = lake.read("visits", columns=("id",), where="weight > 20 and ward = 9")
    assert sorted(heavy["id"].to_pylist()) == [62, 71]
    assert heavy.column_names == ["id"]
    assert [(s.rows, s.names, s.note.get("source")) for s in lake.snapshots("visits")] == [
        (50, ("first",), None),
        (80, ("main",), "a.csv"),
        (55, ("trial",), None),
    ]

    lake.publish("visits", "trial")
    assert lake.read("visits").num_rows == 55
    assert refused(lake.read, "visits", "trial") == "DAT-006"
    lake.rollback("visits", "first")
    assert lake.read("visits").equals(visits(0, 50).cast(VISITS.arrow))


def test_a_version_is_its_content_and_is_held_to_it(lake: Lake):
    lake.append("visits", visits(0, 40))
    whole = lake.version("visits")
    lake.overwrite("visits", visits(0, 0))
    for start in (30, 0, 20, 10):  # the same rows from four files in another order
        lake.append("visits", visits(start, start + 10))
    parts = lake.version("visits")
    assert (parts.digest, parts.rows) == (whole.digest, 40)
    assert parts.snapshot != whole.snapshot
    assert lake.read(whole).num_rows == 40
    lake.overwrite("visits", visits(3, 4), "id = 3")
    assert lake.version("visits").digest == whole.digest
    lake.delete("visits", "id = 3")
    assert lake.version("visits").digest != whole.digest
    assert lake.read(whole, columns=("id",)).num_rows == 40
    forged = type(whole)("visits", lake.version("visits").snapshot, whole.digest, 40)
    assert refused(lake.read, forged) == "DAT-007"


def test_nothing_is_readable_on_the_disk(lake: Lake):
    lake.append("visits", visits(0, 30, mark="SECRETMARK"))
    lake.tag("visits", "kept")
    lake.delete("visits", "person = 'SECRETMARK-1'")
    files = [file for file in lake.store.path.rglob("*") if file.is_file()]
    assert len(files) > 8
    for file in files:
        assert file.stat().st_mode & 0o077 == 0, file
        for word in (b"SECRETMARK", b"PAR1", b"Obj\x01", b"weight"):
            assert word not in file.read_bytes(), file
    with sqlite3.connect(lake.store.path / "catalogue.sqlite") as catalogue:
        rows = catalogue.execute("select * from iceberg_tables").fetchall()
    assert [row[1:3] for row in rows] == [("lake", "visits")]
    assert all(str(value).startswith("sealed://lake/visits/metadata/0") for value in rows[0][3:5])


def test_what_is_wrong_is_refused(lake: Lake):
    assert refused(lake.read, "visit") == "DAT-003"
    assert refused(lake.create, Schema("No!", VISITS.columns, ("id",))) == "DAT-003"
    assert refused(lake.create, Schema("visits", VISITS.columns[:2], ("id",))) == "DAT-005"
    lake.create(VISITS)
    for rows in (
        visits(0, 3).drop_columns(["ward"]),
        visits(0, 3).append_column("new", pa.array([1, 2, 3])),
        visits(0, 3).set_column(2, "ward", pa.array(["a", "b", "c"])),
        visits(0, 3).set_column(2, "ward", pa.array([1, None, 3])),
        visits(0, 3).set_column(2, "ward", pa.array([1.5, 2.0, 3.0])),
    ):
        assert refused(lake.append, "visits", rows) == "DAT-005"
    assert lake.read("visits").num_rows == 0
    assert refused(lake.tag, "visits", "early") == "DAT-006"
    lake.append("visits", visits(0, 3))
    lake.tag("visits", "a")
    lake.tag("visits", "a")
    lake.append("visits", visits(3, 6))
    assert refused(lake.tag, "visits", "a") == "DAT-006"
    assert refused(lake.branch, "visits", "a", "a") == "DAT-006"
    lake.branch("visits", "b")
    lake.append("visits", visits(6, 9), branch="b")
    assert refused(lake.rollback, "visits", "b") == "DAT-006"


def test_another_key_and_another_tables_metadata_are_refused(lake: Lake, tmp_path: Path):
    lake.append("visits", visits(0, 3))
    lake.create(Schema("others", VISITS.columns, ("id",)))
    catalogue = lake.store.path / "catalogue.sqlite"
    with sqlite3.connect(catalogue) as edited:
        (others,) = edited.execute(
            "select metadata_location from iceberg_tables where table_name = 'others'"
        ).fetchone()
        edited.execute("update iceberg_tables set metadata_location = ? where table_name = 'visits'", [others])
    assert refused(lake.read, "visits") == "DAT-007"
    ring = KeyRing.create(tmp_path / "other.json", b"x")
    assert refused(Lake(ObjectStore(lake.store.path, ring)).read, "others") == "STO-004"


def test_a_changed_byte_of_any_object_is_refused(lake: Lake):
    lake.append("visits", visits(0, 20))
    needed = lake.expire("visits") and lake.store.names("lake/visits/")
    assert len(needed) == 4  # metadata, manifest list, manifest, data
    for name in needed:
        path = lake.store._file(name)
        good = path.read_bytes()
        path.write_bytes(good[:-9] + bytes([good[-9] ^ 1]) + good[-8:])
        assert refused(lake.read, "visits") == "STO-004"
        path.write_bytes(good)
    assert lake.read("visits").num_rows == 20


def test_expiring_keeps_what_is_asked_for_and_deletes_the_rest(lake: Lake):
    for start in range(0, 50, 10):
        lake.append("visits", visits(start, start + 10))
        lake.tag("visits", f"t{start}")
    lake.delete("visits", "id < 45")
    orphan = "lake/visits/data/left-by-a-killed-writer.parquet"
    lake.store.put(orphan, b"rows")
    removed = lake.expire("visits", ("main", "t10"))
    assert orphan in removed
    assert not set(removed) & set(lake.store.names("lake/"))
    assert [(s.rows, s.names) for s in lake.snapshots("visits")] == [(20, ("t10",)), (5, ("main",))]
    assert lake.read("visits", "t10").num_rows == 20
    assert lake.read("visits").num_rows == 5
    lake.append("visits", visits(60, 61))
    assert lake.read("visits").num_rows == 6


WRITER = """
import sys
from pathlib import Path
from tests.workloads.lib.data.conftest import visits
from workloads.lib.data.table import Lake
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore
folder, start = Path(sys.argv[1]), int(sys.argv[2])
lake = Lake(ObjectStore.open(folder / "store", KeyRing.open(folder / "keys/ring.json", b"correct horse")))
print("ready", flush=True); sys.stdin.readline()
for at in range(start, start + 40, 10):
    lake.append("visits", visits(at, at + 10))
"""


def test_appends_of_two_processes_all_land(lake: Lake, tmp_path: Path):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(start)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for start in (0, 100)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.communicate("go\n", timeout=60)
        assert writer.returncode == 0
    ids = Counter(lake.read("visits")["id"].to_pylist())
    assert ids == Counter([*range(40), *range(100, 140)])


def test_of_two_writers_of_the_same_rows_one_has_to_look_again(lake: Lake):
    lake.append("visits", visits(0, 10))

    def late():
        with lake.commit("visits") as mine:
            lake.delete("visits", "id < 5")  # another writer, meanwhile
            mine.overwrite(visits(0, 3).cast(VISITS.arrow), "id < 5")

    assert refused(late) == "DAT-004"
    assert lake.read("visits").num_rows == 5


def test_a_table_of_texts_only_has_no_time_nor_person(lake: Lake):
    lake.create(Schema("names", (Column("name", "Name", "text", nullable=True),), key=("name",)))
    lake.append("names", pa.table({"name": ["é", None, ""]}))
    assert set(lake.read("names")["name"].to_pylist()) == {"é", None, ""}
    assert lake.tables() == ["names", "visits"]

"""A load lands each row once, as it was delivered; a killed one goes on; what does not belong never enters."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.errors import FalajError
from tests.workloads.lib.data.conftest import VISITS, visits
from tests.workloads.ray_here import ray_here
from workloads.lib.data import ingest, raw
from workloads.lib.data.column import Column, Schema
from workloads.lib.data.files import Files, Held
from workloads.lib.data.source import Iceberg
from workloads.lib.data.table import Lake
from workloads.lib.data.validate import split
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore

ITEMS = Schema("items", (Column("id", "Item", "integer"), Column("x", "X", "number", nullable=True)), key=("id",))


def csv(start: int, stop: int) -> bytes:
    return ("id,x\n" + "".join(f"{i},{i / 2}\n" for i in range(start, stop))).encode()


def ids(lake: Lake, landed: ingest.Landed) -> list[int]:
    return sorted(int(i) for i in lake.read(landed.table, landed.load)["id"].to_pylist())


def refused(lake: Lake, source: Any, **named: Any) -> FalajError:
    with pytest.raises(FalajError) as caught:
        ingest.land(lake, source, ITEMS, **named)
    return caught.value


def test_rows_land_as_they_are_and_the_same_load_again_is_done_already(lake: Lake):
    source = Held({"a.csv": csv(0, 50), "b.csv": b"x,id,more\n,nine,1\n"})
    landed = ingest.land(lake, source, ITEMS, ignore=("more",))
    assert landed == ingest.Landed("items_raw", landed.load, 51, 0)
    rows = lake.read("items_raw", landed.load, where="_part = 'b.csv'").to_pylist()
    assert rows == [{"_part": "b.csv", "_row": 0, "id": "nine", "x": None}]
    before = lake.snapshots("items_raw")
    assert ingest.land(lake, source, ITEMS, ignore=("more",)) == landed
    assert lake.snapshots("items_raw") == before
    other = ingest.land(lake, Held({"a.csv": csv(0, 60)}), ITEMS)
    assert other.load != landed.load
    assert ids(lake, other) == list(range(60))
    assert sorted(lake.names("items_raw")) == sorted([landed.load, other.load, "main"])


def test_a_table_of_the_lake_is_a_source(lake: Lake):
    lake.append("visits", visits(0, 30))
    landed = ingest.land(lake, Iceberg(lake.table("visits")), VISITS)
    assert landed.rows == 30
    first = lake.read(landed.table, landed.load, where="id = '1'").to_pylist()[0]
    assert first["at"] == "2025-01-01 01:00:00.000000Z"
    assert first["weight"] == "0.3333333333333333"


def test_what_does_not_belong_never_enters(lake: Lake):
    assert "new is more" in str(refused(lake, Held({"a.csv": b"id,x,more\n1,2,3\n"})))
    error = refused(lake, Held({"a.csv": b"id,y\n1,2\n"}))
    assert error.code == "DAT-011"
    assert "it has no column x; new is y" in str(error)
    assert refused(lake, Held({"a.csv": b"id,x\n"})).code == "DAT-009"
    mails = Held({"a.csv": b"id,x\n1,someone@example.ae\n"})
    assert refused(lake, mails).code == "DAT-012"
    assert [snapshot.rows for snapshot in lake.snapshots("items_raw")] == [0]
    assert ingest.land(lake, mails, ITEMS, cleared=("x",)).rows == 1


LOADER = """
import sys, time
from pathlib import Path
from tests.workloads.lib.data.test_ingest import ITEMS
from workloads.lib.data import ingest, raw
from workloads.lib.data.files import Files
from workloads.lib.data.table import Lake
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore
folder = Path(sys.argv[1])
raw.BLOCK_BYTES = 1 << 12
lake = Lake(ObjectStore.open(folder / "store", KeyRing.open(folder / "keys/ring.json", b"correct horse")))
ingest.land(lake, Files(f"{folder}/in/*.csv"), ITEMS, commit_rows=2000)
"""


def test_a_killed_load_goes_on_and_no_row_is_lost_or_doubled(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "in").mkdir()
    for part in range(3):
        (tmp_path / f"in/{part}.csv").write_bytes(csv(part * 20_000, (part + 1) * 20_000))
    loader = subprocess.Popen([sys.executable, "-c", LOADER, str(tmp_path)], env=os.environ | {"PYTHONPATH": "."})
    committed = 0
    while committed < 4 and loader.poll() is None:
        time.sleep(0.02)
        committed = len(lake.snapshots("items_raw")) if "items_raw" in lake.tables() else 0
    loader.send_signal(signal.SIGKILL)
    assert loader.wait() == -signal.SIGKILL

    monkeypatch.setattr(raw, "BLOCK_BYTES", 1 << 13)  # other batches than before: rows are known by their place
    landed = ingest.land(lake, Files(f"{tmp_path}/in/*.csv"), ITEMS, commit_rows=7000)
    assert 2000 <= landed.resumed < 60_000
    assert landed.rows == 60_000
    assert ids(lake, landed) == list(range(60_000))


def test_a_load_that_was_killed_does_not_go_on_with_a_changed_file(lake: Lake, monkeypatch: pytest.MonkeyPatch):
    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Lake, "tag", killed)
        with pytest.raises(KeyboardInterrupt):
            ingest.land(lake, Held({"a.csv": csv(0, 10)}), ITEMS)
    changed = ingest.land(lake, Held({"a.csv": csv(5, 10)}), ITEMS)
    assert (changed.rows, changed.resumed) == (5, 0)
    again = ingest.land(lake, Held({"a.csv": csv(0, 10)}), ITEMS)
    assert (again.rows, again.resumed) == (10, 10)


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    with ray_here(RAY_ENABLE_UV_RUN_RUNTIME_ENV="0") as ray:
        yield ray


@pytest.mark.e2e
def test_by_ray_the_same_rows_land(lake: Lake, ray: Any, tmp_path: Path, nycflights: dict[str, Path]):
    for part in range(4):
        (tmp_path / f"{part}.csv").write_bytes(csv(part * 100, (part + 1) * 100))
    landed = ingest.land(lake, Files(f"{tmp_path}/*.csv"), ITEMS, ray=ray)
    assert ids(lake, landed) == list(range(400))
    version = lake.version("items_raw", landed.load)
    plain = Lake(ObjectStore.create(tmp_path / "plain", KeyRing.create(tmp_path / "ring.json", b"x")))
    again = ingest.land(plain, Files(f"{tmp_path}/*.csv"), ITEMS)
    assert (again.load, plain.version("items_raw", again.load).digest) == (landed.load, version.digest)
    raw_rows = lake.read("items_raw", landed.load)
    for away, here in zip(split(ITEMS, raw_rows, ray=ray), split(ITEMS, raw_rows), strict=True):
        assert away.equals(here)
    (tmp_path / "4.csv").write_bytes(b"id,x\n1,2,3\n")
    error = refused(lake, Files(f"{tmp_path}/*.csv"), ray=ray)
    assert error.code == "DAT-008"


@pytest.mark.e2e
def test_every_flight_lands(lake: Lake, nycflights: dict[str, Path]):
    source = Files(str(nycflights["flights"]), nulls=("", "NA"))
    columns = next(source.parts()[0].read()).column_names
    schema = Schema("flights", tuple(Column(name, name, "text") for name in columns), key=("time_hour",))
    landed = ingest.land(lake, source, schema)
    assert landed.rows == 336_776
    assert lake.read(landed.table, landed.load, ("dep_delay",))["dep_delay"].null_count == 8_255

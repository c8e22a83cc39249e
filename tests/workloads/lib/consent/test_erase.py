"""A person's rows are found in every version, with what was made of them; once erased, no byte of them is left."""

from datetime import UTC, datetime

import pytest

from infra.errors import FalajError
from tests.workloads.lib.data.conftest import VISITS
from workloads.lib.consent.erase import execute, plan
from workloads.lib.consent.impact import impact
from workloads.lib.data import ingest
from workloads.lib.data.column import Column, Schema
from workloads.lib.data.files import Held
from workloads.lib.data.table import Lake
from workloads.lib.data.validate import validate

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_rows_models_and_endpoints_of_a_person_are_found(lake: Lake):
    lake.create(Schema("wards", (Column("ward", "Ward", "code", 1, 9),), ("ward",)))
    old, main = lake.names("visits")["old"], lake.names("visits")["main"]
    trained = {("visits", old): ["m1"], ("visits", main): ["m1", "m2"]}
    serves = {"m2": ["visits/predict"]}

    def asked(subject: str):
        return impact(lake, subject, lambda *version: trained.get(version, ()), lambda model: serves.get(model, ()))

    early = asked("person-1")
    assert early.rows == {"visits": {old: 10, main: 10}}
    assert early.endpoints == {"m1": (), "m2": ("visits/predict",)}
    assert early.as_dict()["models"] == ["m1", "m2"]
    late = asked("person-4")
    assert late.rows == {"visits": {main: 10}}
    assert asked("person-9").rows == {}

    todo = plan(lake, early, keys=["visits:person-1"], logs=["requests/2025"])
    assert (todo.tables, todo.retrain, todo.withdraw) == ({"visits": 10}, ("m2",), ("m1",))
    assert todo.snapshots == {"visits": (old, main)}
    assert todo.as_dict()["keys"] == ("visits:person-1",)
    assert lake.read("visits").num_rows == 50


def test_after_an_erasure_no_byte_of_the_person_can_be_read(lake: Lake):
    found = impact(lake, "person-1", lambda *_: (), lambda _: ())
    before = lake.version("visits")
    held = {name: lake.store._file(name).read_bytes() for name in lake.store.names("lake/")}
    removed = execute(lake, plan(lake, found))

    assert impact(lake, "person-1", lambda *_: (), lambda _: ()).rows == {}
    assert lake.rows("visits") == 40
    assert lake.rows("visits", "old") == 20  # the tag is still there, without them
    assert set(lake.read("visits")["person"].to_pylist()) == {f"person-{i}" for i in (0, 2, 3, 4)}
    gone = removed["visits"]
    assert any(name.endswith(".parquet") for name in gone)
    for name in gone:
        with pytest.raises(FalajError, match="STO-005"):
            lake.store.get(name)
    sealed = [file.read_bytes() for file in lake.store.path.rglob("*") if file.is_file()]
    assert not {held[name] for name in gone if name in held} & set(sealed)  # neither under another name
    for name in lake.store.names(""):
        assert b"person-1" not in lake.store.get(name), name  # nor as a bound in a statistic
    with pytest.raises(FalajError, match="DAT-006"):
        lake.read(before)
    assert sorted(snapshot.names for snapshot in lake.snapshots("visits")) == [("main",), ("old",)]


def test_raw_and_quarantined_rows_go_too_and_the_same_load_does_not_bring_them_back(lake: Lake):
    schema = Schema(
        "people", (*VISITS.columns[:1], Column("who", "Who", "integer", pii="indirect")), ("id",), None, "who"
    )
    data = "id,who\n" + "".join(f"{i},{i % 3}\n" for i in range(30)) + "x,1\n" + "30,1.0\n"
    source = Held({"people.csv": data.encode()})
    landed = ingest.land(lake, source, schema)
    validate(lake, landed, schema, NOW, max_quarantined=0.1)
    found = impact(lake, "1", lambda *_: (), lambda _: ())
    assert {table: max(rows.values()) for table, rows in found.rows.items()} == {
        "people": 11,
        "people_quarantine": 1,
        "people_raw": 12,
    }
    execute(lake, plan(lake, found))
    again = validate(lake, ingest.land(lake, source, schema), schema, NOW)
    assert again.version.rows == 20
    assert impact(lake, "1", lambda *_: (), lambda _: ()).rows == {}

"""Each row of a query is in just one part, by two real engines."""

import sqlite3
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from infra.errors import FalajError
from workloads.lib.data.sql import Sql

CREATE = "create table t (id bigint, name text, x double precision, seen timestamp)"
INSERT = "insert into t select i, case when i % 5 = 0 then null else 'n' || i end, i / 4.0, null from "


@pytest.fixture(params=["sqlite", "duckdb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        with sqlite3.connect(tmp_path / "db") as database:
            database.execute(CREATE)
            series = "with recursive s(i) as (select 10 union all select i + 1 from s where i < 1009) select i from s"
            database.execute(f"{INSERT} ({series})")
        return f"sqlite:///{tmp_path}/db"
    with duckdb.connect(tmp_path / "db") as database:
        database.execute(CREATE)
        database.execute(f"{INSERT} range(10, 1010) r(i)")
    return f"duckdb:///{tmp_path}/db"


def read(source: Sql) -> list[dict]:
    return pa.concat_tables([batch for part in source.parts() for batch in part.read()]).to_pylist()


def test_every_row_comes_once_in_the_keys_order(url: str):
    source = Sql(url, "select * from t;", "id", pieces=7)
    rows = read(source)
    assert [int(row["id"]) for row in rows] == list(range(10, 1010))
    assert rows[0] == {"id": "10", "name": None, "x": "2.5", "seen": None}
    assert len(source.parts()) == 7
    assert [part.digest for part in source.parts()] == [part.digest for part in source.parts()]
    assert read(Sql(url, "select * from t where id < 12", "id")) == rows[:2]


def test_a_key_of_texts_is_one_part(url: str):
    source = Sql(url, "select name, x from t where name is not null", "name")
    assert len(source.parts()) == 1
    assert len(read(source)) == 800


@pytest.mark.parametrize(
    ("query", "key", "says"),
    [
        ("select * from t where id < 0", "id", "0 rows"),
        ("select 1 as id union all select 1 as id", "id", "2 rows with 1 values"),
        ("select * from t", "name", "1000 rows with 800 values"),
        ("select * from nowhere", "id", "nowhere"),
        ("select * from t", "id; drop table t", "no column's name"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(url: str, query: str, key: str, says: str):
    with pytest.raises(FalajError) as caught:
        Sql(url, query, key).parts()
    assert caught.value.code == "DAT-009"
    assert says in str(caught.value)


def test_a_password_is_never_told():
    source = Sql("postgresql://me:hunter2@db.example/x", "select 1 as id", "id")
    with pytest.raises(FalajError) as caught:
        source.parts()
    assert "hunter2" not in str(caught.value) + repr(source)
    assert "postgresql://db.example/x" in str(caught.value)

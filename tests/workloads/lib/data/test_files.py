"""Files of every kind give the same rows as texts; what is broken or abroad is refused."""

import gzip
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import csv, parquet

from infra.errors import FalajError
from workloads.lib.data import raw
from workloads.lib.data.files import Files, Held
from workloads.lib.data.source import Part

TEXT = st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=8))


def rows(part: Part) -> list[dict]:
    return pa.concat_tables(list(part.read()), promote_options="default").to_pylist()


def refused(pattern: str | Path, jurisdiction: str = "local") -> FalajError:
    with pytest.raises(FalajError) as caught:
        list(map(rows, Files(str(pattern), jurisdiction).parts()))
    return caught.value


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(-(2**60), 2**60), st.floats(allow_nan=False), TEXT), min_size=1, max_size=9))
def test_every_format_gives_the_same_texts(tmp_path: Path, values: list):
    table = pa.table(dict(zip("ixt", (pa.array(column) for column in zip(*values, strict=True)), strict=True)))
    table = table.set_column(2, "t", table["t"].cast(pa.string()))
    texts = raw.as_text(table)
    csv.write_csv(texts, tmp_path / "a.csv")
    with gzip.open(tmp_path / "a.csv.gz", "wb") as packed:
        packed.write((tmp_path / "a.csv").read_bytes())
    with zipfile.ZipFile(tmp_path / "a.csv.zip", "w") as archive:
        archive.write(tmp_path / "a.csv", "inside.csv")
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in texts.to_pylist()))
    parquet.write_table(table, tmp_path / "a.parquet")
    parts = Files(f"{tmp_path}/a.*").parts()
    assert [Path(part.name).name for part in parts] == ["a.csv", "a.csv.gz", "a.csv.zip", "a.jsonl", "a.parquet"]
    for part in parts:
        assert rows(part) == texts.to_pylist(), part.name
    assert [(int(row["i"]), float(row["x"]), row["t"]) for row in texts.to_pylist()] == values


def test_json_numbers_stay_what_they_are_and_a_missing_key_is_no_value():
    lines = b'{"a": 1.10, "b": true}\n\n{"b": null, "a": 12345678901234567890}\n{"a": "x"}'
    (part,) = Held({"in/a.jsonl": lines}).parts()
    assert rows(part) == [{"a": "1.10", "b": "true"}, {"a": "12345678901234567890", "b": None}, {"a": "x", "b": None}]


def test_columns_of_a_large_csv_are_never_guessed_and_arrive_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(raw, "BLOCK_BYTES", 1 << 12)
    lines = [f"{i},0{i % 10},{'' if i % 3 else 'NA'}\n" for i in range(20_000)]
    (tmp_path / "a.csv").write_text("id,zip,x\n" + "".join(lines) + 'last,"two\nlines",NA\n')
    (part,) = Files(str(tmp_path / "a.csv"), nulls=("", "NA")).parts()
    batches = list(part.read())
    assert len(batches) > 10
    read = pa.concat_tables(batches).to_pylist()
    assert [row["id"] for row in read] == [*map(str, range(20_000)), "last"]
    assert read[7] == {"id": "7", "zip": "07", "x": None}
    assert read[-1]["zip"] == "two\nlines"


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.parquet", b"PAR1 and then nothing", "a.parquet"),
        ("a.csv", b"", "a.csv"),
        ("a.csv", b"a,b\n1,2\n3\n", "Expected 2 columns"),
        ("a.csv", b"a\n\xff\xfe\n", "UTF8"),
        ("a.csv.gz", b"no gzip", "a.csv.gz"),
        ("a.csv.zip", b"PK no zip", "zip"),
        ("a.jsonl", b'{"a": 1}\n{"a": ', "a.jsonl:2"),
        ("a.jsonl", b'{"a": [1]}\n', "plain values"),
        ("a.jsonl", b"[1]\n", "plain values"),
        ("a.txt", b"a", "does not end in"),
        ("a.gz", b"a", "does not end in"),
    ],
)
def test_a_broken_file_is_a_clear_error(tmp_path: Path, name: str, data: bytes, says: str):
    (tmp_path / name).write_bytes(data)
    error = refused(tmp_path / name)
    assert error.code == "DAT-008"
    assert says in str(error)


def test_a_truncated_parquet_is_refused(tmp_path: Path):
    parquet.write_table(pa.table({"a": list(range(1000))}), tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    for size in (len(whole) - 1, len(whole) // 2, 4):
        (tmp_path / "a.parquet").write_bytes(whole[:size])
        assert refused(tmp_path / "a.parquet").code == "DAT-008"


def test_a_list_is_no_plain_value(tmp_path: Path):
    parquet.write_table(pa.table({"a": [[1], [2]]}), tmp_path / "a.parquet")
    assert "list<" in str(refused(tmp_path / "a.parquet"))


def test_a_uri_is_read_and_one_abroad_is_not(tmp_path: Path):
    (tmp_path / "a.csv").write_text("a\n1\n")
    (part,) = Files(f"file://{tmp_path}/*.csv").parts()
    assert rows(part) == [{"a": "1"}]
    assert refused(tmp_path / "none.csv").code == "DAT-009"
    for uri, says in (
        ("s3://bucket/a.csv", "not named"),
        ("s3://bucket/a.csv?region=us-east-1", "us-east-1"),
        ("s3://bucket/a.csv?region=me-central-1&endpoint_override=s3.example.com", "s3.example.com"),
        ("gs://bucket/a.csv", "not named"),
    ):
        error = refused(uri, "uae")
        assert error.code == "DAT-010"
        assert says in str(error)
    assert refused("s3://bucket/a.csv?region=me-central-1", "eu").code == "DAT-010"


def test_the_real_flights_come_whole(nycflights: dict[str, Path]):
    (part,) = Files(str(nycflights["weather"]), nulls=("", "NA")).parts()
    read = pa.concat_tables(list(part.read()))
    assert read.num_rows == 26_115
    assert read["wind_gust"].null_count == 20_778

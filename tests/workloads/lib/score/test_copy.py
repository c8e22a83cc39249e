from pathlib import Path

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

from infra.errors import FalajError
from workloads.lib.score import copy

ROWS = pa.table({"id": ["a", "b"], "prediction": pa.array([0.5, None], pa.float64())})


@pytest.mark.parametrize(("name", "read"), [("s.csv", csv.read_csv), ("s.parquet", pq.read_table)])
def test_a_copy_is_the_rows_and_its_owners_alone(tmp_path: Path, name: str, read):
    out = tmp_path / name
    copy.require_room(out)
    assert copy.write(out, ROWS) == str(out)
    assert read(out).to_pylist() == ROWS.to_pylist()
    assert out.stat().st_mode & 0o777 == 0o600


def test_nothing_that_is_there_is_written_over(tmp_path: Path):
    out = tmp_path / "s.csv"
    out.write_text("mine")
    for attempt in (lambda: copy.require_room(out), lambda: copy.write(out, ROWS)):
        with pytest.raises(FalajError, match="WRK-021"):
            attempt()
    assert out.read_text() == "mine"


@pytest.mark.parametrize("name", ["s.txt", "s", "none/s.csv"])
def test_where_no_copy_can_be_is_said_before_anything_is_scored(tmp_path: Path, name: str):
    with pytest.raises(FalajError, match="WRK-021"):
        copy.require_room(tmp_path / name)

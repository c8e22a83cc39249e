"""The decision log: concurrent writers, killed writers, a full disk, and somebody who changes it."""

import json
import multiprocessing
import resource
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.errors import FalajError
from policies.gate import record

files = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
entries = st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.integers() | st.booleans(), max_size=4)


def fill(log: Path, count: int) -> record.Head:
    log.unlink(missing_ok=True)
    return [record.append(log, {"n": n, "text": "é"}, durable=False) for n in range(count)][-1]


def write_many(log: Path, writer: int, count: int) -> None:
    for n in range(count):
        record.append(log, {"writer": writer, "n": n}, durable=False)


def test_concurrent_writers_lose_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    writers = [multiprocessing.get_context("fork").Process(target=write_many, args=(log, w, 50)) for w in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert record.verify(log).records == 200
    seen = [(r["record"]["writer"], r["record"]["n"]) for r in map(json.loads, log.read_text().splitlines())]
    assert sorted(seen) == [(w, n) for w in range(4) for n in range(50)]
    assert log.stat().st_mode & 0o777 == 0o600


@files
@given(st.lists(entries, min_size=1, max_size=5), st.data())
def test_a_torn_last_line_is_cut_off_and_told(
    tmp_path: Path, records: list[dict[str, Any]], data: st.DataObject
) -> None:
    log = tmp_path / "log.jsonl"
    log.unlink(missing_ok=True)
    for item in records:
        record.append(log, item, durable=False)
    whole = log.read_bytes()
    last = len(whole.splitlines(keepends=True)[-1])
    torn = whole[: data.draw(st.integers(len(whole) - last + 1, len(whole) - 1))]
    log.write_bytes(torn)
    assert record.verify(log).records == len(records) - 1
    record.append(log, {"after": True}, durable=False)
    assert record.verify(log).records == len(records)
    lines = log.read_bytes().splitlines(keepends=True)
    assert b"".join(lines[:-1]) == whole[:-last]
    assert json.loads(lines[-1])["record"]["repaired"]["bytes"] == len(torn) - (len(whole) - last)


@files
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_any_changed_byte_shows(tmp_path: Path, position: int, flip: int) -> None:
    log = tmp_path / "log.jsonl"
    head = fill(log, 4)
    content = bytearray(log.read_bytes())
    position %= len(content) - 1
    content[position] ^= flip
    log.write_bytes(content)
    with pytest.raises(FalajError, match="GATE-015"):
        record.verify(log)
    assert head.records == 4


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[1:],
        lambda lines: lines[:1] + lines[2:],
        lambda lines: [lines[1], lines[0], *lines[2:]],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [b"\n", *lines],
        lambda lines: [line.replace(b'"n":1', b'"n": 1') for line in lines],
    ],
    ids=["first cut", "one cut", "swapped", "doubled", "blank", "same but respelt"],
)
def test_a_changed_chain_shows(tmp_path: Path, change: Any) -> None:
    log = tmp_path / "log.jsonl"
    fill(log, 4)
    log.write_bytes(b"".join(change(log.read_bytes().splitlines(keepends=True))))
    with pytest.raises(FalajError, match="GATE-015"):
        record.verify(log)


def test_a_cut_end_shows_against_the_head(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    fill(log, 2)
    head = record.append(log, {"n": 2})
    assert record.verify(log) == record.kept_head(log) == head == record.Head.of_text(str(head))
    whole = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(whole[:-1]))
    for use in (record.verify, lambda log: record.append(log, {"n": 3})):
        with pytest.raises(FalajError, match=r"GATE-015.*ends at record 2, its head is record 3"):
            use(log)
    log.with_suffix(".head").unlink()
    assert record.verify(log).records == 2
    with pytest.raises(FalajError, match=r"GATE-015.*its head is record 3"):
        record.verify(log, head)


def test_another_chain_shows_against_the_head(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    fill(log, 2)
    head = record.append(log, {"n": 2})
    log.with_suffix(".head").unlink()
    log.unlink()
    for n in range(4):
        record.append(log, {"other": n}, durable=False)
    with pytest.raises(FalajError, match=r"GATE-015.*record 3 is .* its head says"):
        record.verify(log, head)


def test_a_log_that_goes_on_after_the_head_fits_it(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    head = record.append(log, {"n": 0})
    last = record.append(log, {"n": 1}, durable=False)
    assert record.kept_head(log) == head
    assert record.verify(log, head) == last


def test_nothing_is_added_after_a_damaged_record(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    fill(log, 2)
    damaged = log.read_bytes().replace(b'"n":1', b'"n":7')
    log.write_bytes(damaged)
    with pytest.raises(FalajError, match="GATE-015"):
        record.append(log, {"n": 2})
    assert log.read_bytes() == damaged


def test_a_full_disk_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    fill(log, 2)
    before, limits = log.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, limits[1]))
    try:
        with pytest.raises(FalajError, match="GATE-014"):
            record.append(log, {"text": "x" * 1000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert log.read_bytes() == before
    assert record.append(log, {"text": "again"}).records == 3


def test_records_longer_than_a_block(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    for n in range(3):
        record.append(log, {"n": n, "text": "x" * 200_000}, durable=False)
    assert record.verify(log).records == 3


def test_an_unwritable_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for log in (tmp_path, tmp_path / "file" / "log.jsonl"):
        with pytest.raises(FalajError, match="GATE-014"):
            record.append(log, {})
    assert [path.name for path in tmp_path.iterdir()] == ["file"]

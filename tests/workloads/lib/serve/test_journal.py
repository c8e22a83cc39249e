"""Journals of real processes on a real store."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workloads.lib.train.conftest import make_platform
from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import Platform
from workloads.lib.serve.journal import Journal, orphans

WRITER = """
import os, sys
from pathlib import Path
from workloads.lib.platform import Platform
from workloads.lib.serve.journal import Journal
journal = Journal(Platform.load(Path(sys.argv[1])).open_store(), "x")
for number in range(int(sys.argv[2])):
    journal.append(b"record %d" % number)
os.kill(os.getpid(), 9)
"""


def killed(platform_file: Path, records: int) -> ObjectStore:
    """The store in which a killed process left a journal of so many records."""
    subprocess.run([sys.executable, "-c", WRITER, str(platform_file), str(records)], cwd=Path.cwd(), check=False)
    return Platform.load(platform_file).open_store()


def files(store: ObjectStore) -> list[Path]:
    return list((store.path / "journal").iterdir())


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[ObjectStore, Path, bytes]:
    """A store, and the file of a killed process' five records with its bytes."""
    store = killed(make_platform(tmp_path_factory.mktemp("journal")), 5)
    (file,) = files(store)
    return store, file, file.read_bytes()


def test_what_a_killed_process_wrote_is_taken_over_once_and_lies_sealed(tmp_path: Path) -> None:
    platform_file = make_platform(tmp_path)
    store = killed(platform_file, 300)
    (file,) = files(store)
    assert b"record" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(orphans(store, "x.y")) == []
    taken = orphans(store, "x")
    assert next(taken) == [b"record %d" % number for number in range(300)]
    assert file.exists(), "it goes when its records are kept"
    assert list(taken) == []
    assert files(store) == []


def test_the_journal_of_a_living_writer_is_nobody_elses_and_a_dropped_one_is_gone(store: ObjectStore) -> None:
    journal = Journal(store, "x")
    journal.append(b"one")
    assert list(orphans(store, "x")) == []
    assert len(files(store)) == 1
    journal.drop()
    journal.drop()
    assert files(store) == []


def test_when_the_one_who_takes_over_fails_the_records_stay(left: tuple[ObjectStore, Path, bytes]) -> None:
    store, file, data = left
    file.write_bytes(data)
    taken = orphans(store, "x")
    assert len(next(taken)) == 5
    taken.close()
    assert len(next(orphans(store, "x"))) == 5


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_cut_keeps_what_is_whole_and_a_changed_byte_gives_no_record_that_was_not_written(
    left: tuple[ObjectStore, Path, bytes], capsys: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    store, file, whole = left
    size = data.draw(st.integers(0, len(whole)))
    file.write_bytes(whole[:size])
    kept = [record for records in orphans(store, "x") for record in records]
    assert kept == [b"record %d" % number for number in range(len(kept))]
    assert (len(kept) == 5) == (size == len(whole))
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
    kept = [record for records in orphans(store, "x") for record in records]
    assert kept == [b"record %d" % number for number in range(len(kept))]
    assert len(kept) < 5
    assert ("FALAJ-STO-004 journal x." in capsys.readouterr().err) == file.exists()


def test_a_full_disk_is_told_and_what_is_there_stays_readable(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, journal = os.write, Journal(store, "x")

    def half(file: int, data: bytes) -> int:
        return write(file, data[: len(data) // 2])

    journal.append(b"one")
    with monkeypatch.context() as full:
        full.setattr(os, "write", half)
        with pytest.raises(OSError, match="no room"):
            journal.append(b"two")
    with pytest.raises(OSError, match="did not take"):
        journal.append(b"three")
    os.close(journal._file)  # pyright: ignore[reportPrivateUsage, reportArgumentType] - as if its process were gone
    assert list(orphans(store, "x")) == [[b"one"]]

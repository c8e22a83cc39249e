"""The key ring and the sealed store: what was put comes back, and nothing else ever does."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.errors import FalajError
from workloads.lib import object_store
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import HEADER_BYTES, ObjectStore

PASSPHRASE = b"correct horse"
SMALL = 64  # a segment this small puts many segment borders into small examples
once_per_test = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(object_store, "SEGMENT_BYTES", SMALL)


def code(action, *arguments) -> str:
    with pytest.raises(FalajError) as caught:
        action(*arguments)
    assert PASSPHRASE.decode() not in str(caught.value)
    return caught.value.code


def sealed_file(store: ObjectStore, name: str) -> Path:
    return store._file(name)


def test_a_key_ring_opens_with_its_passphrase_only(tmp_path: Path):
    path = tmp_path / "ring.json"
    ring = KeyRing.create(path, PASSPHRASE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert KeyRing.open(path, PASSPHRASE).id == ring.id
    assert not re.search(r"_(salt|master|keys)", repr(ring))
    assert code(KeyRing.open, path, b"wrong") == "STO-001"
    assert code(KeyRing.open, tmp_path / "none.json", PASSPHRASE) == "STO-003"
    assert code(KeyRing.create, path, PASSPHRASE) == "STO-010"


def test_a_key_ring_refuses_every_changed_byte(tmp_path: Path):
    path = tmp_path / "ring.json"
    KeyRing.create(path, PASSPHRASE)
    good = path.read_bytes()
    for at in range(0, len(good), 7):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert code(KeyRing.open, path, PASSPHRASE) == "STO-002", f"byte {at}"
    path.write_bytes(good[:-5])
    assert code(KeyRing.open, path, PASSPHRASE) == "STO-002"


def test_rotation_keeps_old_objects_readable_and_reaches_open_rings(store: ObjectStore):
    other = KeyRing.open(store.ring.path, PASSPHRASE)
    store.put("old", b"1")
    other.rotate()
    store.ring.rotate()  # an open ring that has not seen the other rotation must not lose it
    assert KeyRing.open(store.ring.path, PASSPHRASE).generation == store.ring.generation == 3
    store.put("new", b"2")
    behind = ObjectStore.open(store.path, other)
    assert (behind.get("old"), behind.get("new")) == (b"1", b"2")


@once_per_test
@given(data=st.binary(max_size=5 * SMALL))
def test_what_is_put_comes_back(store: ObjectStore, data: bytes):
    assert store.put("a/b:c", data) == object_store.digest(data)
    assert store.get("a/b:c") == data
    if len(data) > 8:
        assert data not in sealed_file(store, "a/b:c").read_bytes()


@once_per_test
@given(data=st.binary(max_size=4 * SMALL), at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_flipped_bit_is_refused(store: ObjectStore, data: bytes, at: float, bit: int):
    store.put("x", data)
    file = sealed_file(store, "x")
    sealed = bytearray(file.read_bytes())
    sealed[int(at * len(sealed))] ^= 1 << bit
    file.write_bytes(sealed)
    assert code(store.get, "x") == "STO-004"
    assert store.verify() == ["x"]


@once_per_test
@given(data=st.binary(max_size=4 * SMALL), keep=st.floats(0, 1, exclude_max=True), more=st.binary(min_size=1))
def test_a_shorter_or_longer_file_is_refused(store: ObjectStore, data: bytes, keep: float, more: bytes):
    store.put("x", data)
    file = sealed_file(store, "x")
    sealed = file.read_bytes()
    file.write_bytes(sealed[: int(keep * len(sealed))])
    assert code(store.get, "x") == "STO-004"
    file.write_bytes(sealed + more)
    assert code(store.get, "x") == "STO-004"


def test_swapped_objects_and_reordered_segments_are_refused(store: ObjectStore):
    store.put("x", b"x" * 3 * SMALL)
    store.put("y", b"y" * 3 * SMALL)
    x, y = sealed_file(store, "x"), sealed_file(store, "y")
    sealed = x.read_bytes()
    x.write_bytes(y.read_bytes())
    assert code(store.get, "x") == "STO-004"
    step = SMALL + object_store.TAG_BYTES
    first, second = sealed[HEADER_BYTES:][:step], sealed[HEADER_BYTES:][step : 2 * step]
    x.write_bytes(sealed[:HEADER_BYTES] + second + first + sealed[HEADER_BYTES + 2 * step :])
    assert code(store.get, "x") == "STO-004"
    x.write_bytes(sealed[: HEADER_BYTES + step])  # cut exactly after a segment
    assert code(store.get, "x") == "STO-004"


def test_a_store_belongs_to_one_ring(store: ObjectStore, tmp_path: Path):
    other = KeyRing.create(tmp_path / "other.json", PASSPHRASE)
    store.put("x", b"1")
    assert code(ObjectStore.open, store.path, other) == "STO-006"
    assert code(ObjectStore.create, store.path, other) == "STO-006"
    (store.path / "marker").unlink()
    assert code(ObjectStore.open, store.path, store.ring) == "STO-011"
    assert code(ObjectStore.create, store.path, other) == "STO-006"
    assert ObjectStore.create(store.path, store.ring).get("x") == b"1"


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/../b", "/a", "a/", "a//b", ".hidden", "a/.b", "a b", "ä", "a" * 151]
)
def test_bad_names_are_refused(store: ObjectStore, name: str):
    assert code(store.put, name, b"") == "STO-008"


def test_names_exists_delete_and_write_once(store: ObjectStore):
    store.put("a", b"1")
    store.put("a/b", b"2")
    assert store.put_if_absent("c", b"3") == store.put_if_absent("c", b"3")
    assert code(store.put_if_absent, "c", b"4") == "STO-009"
    assert store.names() == ["a", "a/b", "c"]
    assert store.names("a/") == ["a/b"]
    store.delete("a")
    assert not store.exists("a")
    assert code(store.delete, "a") == code(store.get, "a") == "STO-005"


def test_a_full_disk_leaves_the_old_object_and_no_scrap(store: ObjectStore, monkeypatch: pytest.MonkeyPatch):
    store.put("x", b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert code(store.put, "x", b"new") == "STO-007"
    assert code(store.put_if_absent, "y", b"new") == "STO-007"
    assert store.get("x") == b"old"
    assert store.names() == ["x"]
    assert list((store.path / "scratch").iterdir()) == []


def test_a_killed_writer_leaves_the_old_object_or_the_new_one(store: ObjectStore):
    script = """
import sys
from pathlib import Path
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore
store = ObjectStore.open(Path(sys.argv[1]), KeyRing.open(Path(sys.argv[2]), sys.argv[3].encode()))
print("ready", flush=True)
for i in range(10**6):
    store.put("x", bytes([i % 256]) * 3_000_000)
"""
    store.put("x", b"")
    for pause in (0.0, 0.01, 0.03, 0.08):
        command = [sys.executable, "-c", script, str(store.path), str(store.ring.path), PASSPHRASE.decode()]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout
            writer.stdout.readline()
            time.sleep(pause)
            writer.send_signal(signal.SIGKILL)
        data = _in_big_segments(store)
        assert len(data) in (0, 3_000_000)
        assert len(set(data)) <= 1
    for scrap in (store.path / "scratch").iterdir():
        os.utime(scrap, (0, 0))
    ObjectStore.open(store.path, store.ring)
    assert list((store.path / "scratch").iterdir()) == []


def _in_big_segments(store: ObjectStore) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(object_store, "SEGMENT_BYTES", 1 << 20)
        return store.get("x") if sealed_file(store, "x").stat().st_size > 200 else b""

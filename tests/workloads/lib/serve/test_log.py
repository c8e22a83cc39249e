import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.errors import FalajError
from tests.workloads.lib.train.conftest import make_platform
from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import Platform
from workloads.lib.serve import log
from workloads.lib.serve.log import RequestLog, expire, read, recover, rotate, write


def record(number: int, at: float = 1_700_000_000.0) -> dict[str, Any]:
    return {"request": f"{number:08d}", "arm": "a", "at": log.instant(at + number), "prediction": 0.5}


def numbers(store: ObjectStore) -> list[int]:
    return [int(found["request"]) for found in read(store, "x")]


def test_a_graceful_stop_loses_nothing_and_nothing_is_in_plain_text(store: ObjectStore) -> None:
    writer = RequestLog(store, "x", seconds=60, rows=100)
    threads = [
        threading.Thread(target=lambda at=at: [writer.append(record(n)) for n in range(at, 1000, 4)]) for at in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    writer.close()
    assert sorted(numbers(store)) == list(range(1000))
    with pytest.raises(FalajError, match=r"SRV-005.*closed"):
        writer.append(record(1))
    assert not any(b"request" in file.read_bytes() for file in (store.path / "objects").iterdir())


def test_a_record_waits_for_a_second_at_most(store: ObjectStore) -> None:
    writer = RequestLog(store, "x", seconds=0.1)
    writer.append(record(1))
    time.sleep(1)
    assert numbers(store) == [1]
    writer.close()


def test_a_killed_writer_loses_nothing_once_another_one_starts(tmp_path: Path) -> None:
    platform_file = make_platform(tmp_path)
    script = f"""
import time
from pathlib import Path
from tests.workloads.lib.serve.test_log import record
from workloads.lib.platform import Platform
from workloads.lib.serve.log import RequestLog
writer = RequestLog(Platform.load(Path({str(platform_file)!r})).open_store(), "x", seconds=0.2)
for n in range(100_000):
    writer.append(record(n))
    print(n, flush=True)
    time.sleep(0.01)
"""
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=Path.cwd())
    assert child.stdout
    said = 0
    while said < 150:
        said = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    child.wait()
    store = Platform.load(platform_file).open_store()
    sealed = numbers(store)
    assert sealed == list(range(len(sealed)))
    assert sealed
    RequestLog(store, "x").close()
    assert numbers(store)[: said + 1] == list(range(said + 1))
    assert recover(store, "x") == 0


def test_a_store_that_refuses_fills_the_log_and_loses_nothing_when_it_is_well_again(store: ObjectStore) -> None:
    writer = RequestLog(store, "x", seconds=0.05, limit=5)
    scratch = store.path / "scratch"
    scratch.rename(store.path / "gone")
    for number in range(5):
        writer.append(record(number))
    assert writer.full
    with pytest.raises(FalajError, match=r"SRV-005.*5 records wait"):
        writer.append(record(9))
    time.sleep(0.4)
    assert writer.refused
    assert writer.refused.code == "STO-007"
    with pytest.raises(FalajError, match=r"SRV-005.*5 records were not written.*STO-007"):
        writer.close(0.2)
    (store.path / "gone").rename(scratch)
    writer.close()
    assert numbers(store) == list(range(5))


def test_segments_are_merged_and_each_record_is_read_once_even_after_a_kill_in_between(store: ObjectStore) -> None:
    for start in range(0, 100, 10):
        write(store, "x", [record(n) for n in range(start, start + 10)])
    assert rotate(store, "x", whole=30) == 9
    assert len(store.names("requests/x/")) == 4
    assert numbers(store) == list(range(100))
    whole = len(store.names("requests/x/"))
    write(store, "x", [record(n) for n in range(30)])  # as if killed before the old ones were deleted
    assert len(store.names("requests/x/")) == whole + 1
    assert sorted(numbers(store)) == list(range(100))
    assert rotate(store, "x", whole=1) == 0


def test_old_segments_are_left_out_and_expire(store: ObjectStore) -> None:
    write(store, "x", [record(n) for n in range(10)])
    write(store, "x", [record(n) for n in range(10, 20)])
    middle = datetime.fromtimestamp(1_700_000_010, UTC)
    assert [int(found["request"]) for found in read(store, "x", since=middle)] == list(range(10, 20))
    assert expire(store, "x", middle) == 1
    assert numbers(store) == list(range(10, 20))

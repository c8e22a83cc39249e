"""A store where no region makes one."""

import subprocess
import sys
from pathlib import Path

from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore


def begun(folder: Path, passphrase: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "workloads.lib.begin", str(folder)]
    return subprocess.run(command, input=passphrase, capture_output=True, check=False)


def test_the_store_opens_with_the_passphrase_and_is_made_once(tmp_path: Path) -> None:
    first = begun(tmp_path, b"correct horse\n")
    ring = KeyRing.open(tmp_path / "keys" / "key_ring.json", b"correct horse")
    assert first.stdout.decode().strip() == ring.id
    ObjectStore.open(tmp_path / "store", ring).put("a", b"1")
    assert begun(tmp_path, b"correct horse").stdout == first.stdout
    assert ObjectStore.open(tmp_path / "store", ring).get("a") == b"1"


def test_another_passphrase_and_none_are_refused(tmp_path: Path) -> None:
    begun(tmp_path, b"correct horse")
    for passphrase, code in ((b"another", b"FALAJ-STO-001"), (b" \n", b"FALAJ-STO-003")):
        done = begun(tmp_path, passphrase)
        assert done.returncode
        assert done.stderr.startswith(code)
        assert done.stdout == b""

"""A platform of its own for training: a sealed store and the file that workers open it by."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore


def make_platform(folder: Path, tracking: str = "http://127.0.0.1:9") -> Path:
    """`platform.json` of a store made in `folder`; nobody listens at its servers."""
    ring = KeyRing.create(folder / "keys/ring.json", b"correct horse")
    ObjectStore.create(folder / "store", ring)
    (folder / "passphrase").write_bytes(b"correct horse")
    ray = {"address": "127.0.0.1:9", "dashboard": "", "token_file": "token", "cpus": 2, "memory_gib": 1}
    fields = {
        "schema": 1,
        "stack": "local",
        "kind": "region",
        "profile": "dev",
        "jurisdiction": "local",
        "regimes": [],
        "passphrase_file": str(folder / "passphrase"),
        "keys": {"path": str(ring.path), "id": ring.id},
        "store": {"path": str(folder / "store")},
        "decision": {"url": "", "token_file": "token", "bundle_digest": ""},
        "tracking": {"url": tracking},
        "ray": ray | {"serve": {"host": "127.0.0.1", "port": 9}},
        "decision_log": str(folder / "decisions.jsonl"),
    }
    (folder / "platform.json").write_text(json.dumps(fields))
    return folder / "platform.json"


@pytest.fixture
def platform_file(tmp_path: Path) -> Path:
    return make_platform(tmp_path)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a Ray of two cores that this process is connected to."""
    import ray

    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(Path.cwd())}
    context = ray.init(num_cpus=2, include_dashboard=False, object_store_memory=200_000_000, log_to_driver=False)
    yield context.address_info["gcs_address"]
    ray.shutdown()

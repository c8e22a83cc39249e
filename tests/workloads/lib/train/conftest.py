"""A platform of its own for training: a sealed store and the file that workers open it by."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workloads.platform_fields import PASSPHRASE, fields
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore


def make_platform(folder: Path, tracking: str = "http://127.0.0.1:9") -> Path:
    """`platform.json` of a store made in `folder`; nobody listens at its servers."""
    store = ObjectStore.create(folder / "store", KeyRing.create(folder / "keys/ring.json", PASSPHRASE))
    said = fields(folder, store, tracking={"url": tracking})
    (folder / "platform.json").write_text(json.dumps(said))
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

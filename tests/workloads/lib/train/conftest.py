"""A platform of its own for training: a sealed store and the file that workers open it by."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workloads.platform_fields import PASSPHRASE, fields
from tests.workloads.ray_here import ray_here
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
    with ray_here() as ray:
        yield ray.get_runtime_context().gcs_address

"""An elastic training on a real Ray of several nodes: a node is lost, and one comes back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import ray
from ray.cluster_utils import Cluster
from safetensors.torch import load

from tests.workloads.lib.train.test_fit import data, reached, slow, uninterrupted, until, workspace
from workloads.lib.train.fit import fit
from workloads.lib.train.spec import Profile

pytestmark = pytest.mark.e2e
ONE = {"num_cpus": 1, "object_store_memory": 100_000_000}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", str(Path.cwd()))
    monkeypatch.setenv("RAY_health_check_period_ms", "500")  # a node counts as lost after five of them; 3 s by default
    cluster: Any = Cluster(initialize_head=True, head_node_args=ONE | {"include_dashboard": False})
    ray.init(address=cluster.address, log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def test_a_lost_node_and_one_that_comes_back_leave_the_result_as_it_is(cluster: Any, platform_file: Path):
    lost = cluster.add_node(**ONE)
    examples = data(platform_file)
    elastic = {"min": 1, "max": 2, "resize_seconds": 2}
    spec = slow(platform_file, 0.2, dropout=0.0, learning_rate=0.003, epochs=15, workers=elastic)
    on = Profile("cpu", 1, 2, 1, 1)
    with ThreadPoolExecutor(1) as other:  # nodes are started by the main thread only
        training = other.submit(fit, platform_file, workspace(platform_file), spec, on, platform_file.parent)
        until(reached(platform_file, 15))
        cluster.remove_node(lost, allow_graceful=False)
        until(reached(platform_file, 30))
        cluster.add_node(**ONE)
        trained = training.result()
    workers = [attempt["workers"] for attempt in trained["attempts"]]
    assert workers[0] == 2
    assert 1 in workers
    assert workers[-1] == 2
    loop = uninterrupted(spec, examples)
    expected = loop.run()
    for ours, theirs in zip(trained["history"], loop.position.history, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], abs=1e-5)
    for name, value in load(workspace(platform_file).get("weights")).items():
        assert abs(value - expected[name]).max() < 1e-5

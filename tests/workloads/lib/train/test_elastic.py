"""Training on a real Ray of several nodes: one is lost, one comes back, one is about to be taken away."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import ray
from ray._raylet import GcsClient
from ray.cluster_utils import Cluster
from ray.core.generated.autoscaler_pb2 import DrainNodeReason
from safetensors.torch import load, save

from tests.workloads.lib.train.test_fit import data, reached, slow, uninterrupted, until, workspace
from workloads.lib.object_store import digest
from workloads.lib.train.fit import fit
from workloads.lib.train.spec import Profile

pytestmark = [pytest.mark.e2e, pytest.mark.long]
ONE = {"num_cpus": 1, "object_store_memory": 100_000_000}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head that trains nothing; tests add nodes of one core."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", str(Path.cwd()))
    # A node counts as lost after five of them; until then Ray may try in vain to start a worker there.
    monkeypatch.setenv("RAY_health_check_period_ms", "500")
    monkeypatch.setenv("RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S", "30")
    monkeypatch.setenv("RAY_TRAIN_PREEMPTION_POLL_INTERVAL_S", "1")
    cluster: Any = Cluster(initialize_head=True, head_node_args=ONE | {"num_cpus": 0, "include_dashboard": False})
    ray.init(address=cluster.address, log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def test_a_lost_node_and_one_that_comes_back_leave_the_result_as_it_is(cluster: Any, platform_file: Path):
    cluster.add_node(**ONE)
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


def test_a_node_about_to_go_leaves_a_checkpoint_and_counts_as_no_failure(cluster: Any, platform_file: Path):
    going = cluster.add_node(**ONE)
    examples = data(platform_file)
    spec = slow(platform_file, 0.1, epochs=25, checkpoint=10_000, retries=0)  # none but the one before it goes
    on = Profile("cpu", 1, 1, 1, 1)
    with ThreadPoolExecutor(1) as other:
        training = other.submit(fit, platform_file, workspace(platform_file), spec, on, platform_file.parent)
        until((platform_file.parent / "trace").exists)
        cluster.add_node(**ONE)
        deadline = time.time() + 15
        preempted = DrainNodeReason.DRAIN_NODE_REASON_PREEMPTION
        GcsClient(cluster.address).drain_node(going.node_id, preempted, "spot capacity", int(deadline * 1000))
        until(reached(platform_file, 1))
        until(lambda: time.time() > deadline)
        cluster.remove_node(going, allow_graceful=False)
        trained = training.result()
    steps = [attempt["step"] for attempt in trained["attempts"]]
    assert len(steps) == 2
    assert steps[0] == 0 < steps[1] < 250
    assert trained["weights"] == digest(save(uninterrupted(spec, examples).run()))

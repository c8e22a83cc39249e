"""A machine of the runtime is lost under load: the raylet of a second node and all its replicas are killed."""

import os
import sys
from pathlib import Path

import pytest

from tests.workloads.lib.serve.conftest import NAME, register
from tests.workloads.lib.serve.live import Load, free_port
from workloads.lib.serve.plan import Arm, Plan
from workloads.lib.serve.rollout import apply
from workloads.lib.serve.scale import Scale

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(600)]


def test_the_endpoint_answers_again_by_itself_and_only_requests_on_their_way_are_lost(tmp_path: Path) -> None:
    os.environ |= {"RAY_SERVE_ENABLE_HA_PROXY": "0", "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(Path.cwd())}
    import ray
    from ray import serve
    from ray.cluster_utils import Cluster

    models = register(tmp_path)
    arms = (Arm(name="old", model=models.champion), Arm(name="new", model=models.challenger))
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "object_store_memory": 200_000_000})
    try:
        worker = cluster.add_node(num_cpus=2, object_store_memory=200_000_000)
        ray.init(address=cluster.address, log_to_driver=False)
        port = free_port()
        serve.start(proxy_location="HeadOnly", http_options={"host": "127.0.0.1", "port": port})
        two = Scale(min=2, max=2, cpus=0.5)
        spread = two.model_copy(update={"ongoing": 512, "queued": 2048})
        apply(serve, models.platform_file, NAME, Plan(experiment="x", arms=arms), two, spread)
        with Load(port, threads=16) as load:
            load.until(100)
            cluster.remove_node(worker, allow_graceful=False)
            load.until(200, seconds=120)
            lost = len(load.failed)
            load.until(200)
        sys.stdout.write(f"\na lost machine: {len(load.answers)} answered, {lost} failed\n")
        assert lost <= 2 * load.threads, load.failed
        assert len(load.failed) == lost
        serve.shutdown()
    finally:
        ray.shutdown()
        cluster.shutdown()

"""The callback in Ray Train's own controller, and a real MLflow that comes late: one run, and nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.tracking_server import TrackingServer
from tests.workloads.lib.train.test_fit import data, kill_a_worker_at, run, slow, until, workspace
from tests.workloads.lib.train.test_journal import curve, runs_of
from workloads.lib.track import Tracker
from workloads.lib.train.journal import Journal

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(400)]


def test_a_training_that_lost_a_worker_while_the_server_was_down_is_one_run(
    address: str, platform_file: Path, tmp_path: Path
):
    data(platform_file)
    spec, server = slow(platform_file, epochs=20), TrackingServer(tmp_path)
    journal = Journal(Tracker(server.url, "callback"), workspace(platform_file), "sha256:key")
    killing = kill_a_worker_at(platform_file, 15)
    with ThreadPoolExecutor(1) as other:
        training = other.submit(run, platform_file, spec.model_dump_json(), journal=journal)
        killing.join()
        server.start()
        until(lambda: journal.run is not None or training.done())
        assert not training.done(), "the controller itself has sent it, while training goes on"
        trained = training.result()

    (found,) = runs_of(journal.tracker, "sha256:key")
    assert (found["info"]["run_id"], found["info"]["status"]) == (journal.run, "RUNNING")
    expected = [(row["epoch"], row["loss"]) for row in trained["history"]]
    assert len(expected) == 20
    assert curve(journal.tracker, found["info"]["run_id"], "loss") == expected
    tags = {pair["key"]: pair["value"] for pair in found["data"]["tags"]}
    assert tags["falaj.weights"] == trained["weights"]
    assert "0: " in tags["falaj.lost_workers"]
    params = {pair["key"]: pair["value"] for pair in found["data"]["params"]}
    assert params["training.learning_rate"] == "0.01"
    assert params["profile.device"] == "cpu"
    server.stop()

"""A search on a real Ray: it finds what is planted, is the same each time, and goes on where it was killed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from infra.errors import FalajError
from workloads.lib.platform import Platform
from workloads.lib.train.examples import to_bytes
from workloads.lib.train.space import Space
from workloads.lib.train.spec import Job, Training
from workloads.lib.train.tune import search
from workloads.lib.workspace import Workspace

pytestmark = [pytest.mark.e2e, pytest.mark.long]
SPACE = {
    "parameters": {
        "training.learning_rate": {"low": 1e-6, "high": 0.05, "log": True},
        "network.width": {"values": [4, 16]},
    },
    "trials": 5,
    "seed": 3,
    "holdout": 0.25,
}


def job(**network: Any) -> Job:
    return Job(
        task="classification",
        network="tests.workloads.lib.train.networks:Mlp",
        network_config={"columns": 6, "width": 8} | network,
        training=Training(seed=1, epochs=3, batch=64, learning_rate=0.01),
    )


def test_a_search_is_the_same_again_and_goes_on_after_a_kill(address: str, platform_file: Path):
    random = np.random.default_rng(0)
    x = random.normal(size=(800, 6))
    store = Platform.load(platform_file).open_store()
    found: list[dict[str, Any]] = []
    for name in ("one", "two"):
        work = Workspace(store, name)
        work.put("train", to_bytes({"x": x}, x[:, 0] > 0))
        best, tuned = search(platform_file, work, job(), Space.model_validate(SPACE), platform_file.parent, 1)
        assert best.training.learning_rate == tuned["best"]["training.learning_rate"]
        assert best.network_config["width"] == tuned["best"]["network.width"]
        assert tuned["loss"] == min(trial["loss"] for trial in tuned["trials"])
        found.append(tuned)
    assert found[0] == found[1]
    assert len(found[0]["trials"]) == 5
    assert found[0]["best"]["training.learning_rate"] > 1e-3
    assert min(trial["epochs"] for trial in found[0]["trials"]) < 3  # the scheduler stopped one

    work = Workspace(store, "two")  # as if killed: one trial is not there, one is half done
    records = [name.removeprefix("two/") for name in store.names("two/trial/")]
    whole = next(name for name in records if len(work.get_json(name)) == 3)
    work.put_json(whole, work.get_json(whole)[:1])
    work.drop(next(name for name in records if name != whole))
    assert search(platform_file, work, job(), Space.model_validate(SPACE), platform_file.parent, 1)[1] == found[0]


def test_a_search_without_a_trial_that_works_says_why(address: str, platform_file: Path):
    work = Workspace(Platform.load(platform_file).open_store(), "three")
    work.put("train", to_bytes({"x": np.zeros((8, 6))}, np.zeros(8)))
    with pytest.raises(FalajError, match="TRN-005"):
        search(
            platform_file, work, job(no_such=1), Space.model_validate(SPACE | {"trials": 1}), platform_file.parent, 1
        )

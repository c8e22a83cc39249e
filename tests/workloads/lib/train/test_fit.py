"""Training on a real Ray: processes are killed, the store is full, a worker meets a loss that is no number."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load, save

from infra.errors import FalajError
from workloads.lib.object_store import digest
from workloads.lib.platform import Platform
from workloads.lib.track import Tracker
from workloads.lib.train.checkpoint import Checkpoints
from workloads.lib.train.examples import Examples, to_bytes
from workloads.lib.train.fit import fit
from workloads.lib.train.journal import Journal
from workloads.lib.train.loop import Loop
from workloads.lib.train.spec import Job, Profile, Training
from workloads.lib.workspace import Workspace

pytestmark = pytest.mark.e2e
NETWORKS = "tests.workloads.lib.train.networks"
DRIVER = """
import sys
from pathlib import Path
import ray
from tests.workloads.lib.train.test_fit import run
ray.init(address=sys.argv[1], log_to_driver=False)
run(Path(sys.argv[2]), sys.argv[3])
"""


def workspace(platform_file: Path) -> Workspace:
    return Workspace(Platform.load(platform_file).open_store(), "run/train")


def run(platform_file: Path, job: str, workers: int = 1, journal: Journal | None = None) -> dict[str, Any]:
    scratch = platform_file.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    on = Profile("cpu", workers, workers, 1, 1)
    return fit(platform_file, workspace(platform_file), Job.model_validate_json(job), on, scratch, journal)


def data(platform_file: Path, rows: int = 640) -> Examples:
    """Sealed under `train`."""
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 6)).astype(np.float32)
    sealed = to_bytes({"x": x}, (x[:, 0] > 0).astype(np.uint8))
    workspace(platform_file).put("train", sealed)
    return Examples.from_bytes(sealed, "train")


def job(network: str, config: dict[str, Any], **changes: Any) -> Job:
    spec = {"seed": 5, "epochs": 6, "batch": 64, "learning_rate": 0.01, "checkpoint": 5} | changes
    return Job(
        task="classification",
        network=f"{NETWORKS}:{network}",
        network_config={"columns": 6, **config},
        training=Training(**spec),
    )


def slow(platform_file: Path, seconds: float = 0.2, **changes: Any) -> Job:
    dropout = changes.pop("dropout", 0.3)
    trace = str(platform_file.parent / "trace")
    return job("Slow", {"seconds": seconds, "trace": trace, "dropout": dropout}, **changes)


def until(met: Callable[[], bool], seconds: float = 280) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "it did not come to that in time"
        time.sleep(0.05)


def reached(platform_file: Path, step: int) -> Callable[[], bool]:
    checkpoints = Checkpoints(workspace(platform_file), "", 2)
    return lambda: any(int(name[-10:]) >= step for name in checkpoints.names())


def kill_a_worker_at(platform_file: Path, step: int) -> threading.Thread:
    def kill() -> None:
        until(reached(platform_file, step))
        os.kill(int((platform_file.parent / "trace").read_text().split()[-1]), signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def uninterrupted(spec: Job, examples: Examples) -> Loop:
    fast = spec.model_copy(update={"network_config": spec.network_config | {"seconds": 0, "trace": "/dev/null"}})
    return Loop(fast, examples)


def test_killed_driver_and_killed_worker_equal_an_uninterrupted_run_bit_for_bit(address: str, platform_file: Path):
    examples, spec = data(platform_file), slow(platform_file)
    command = [sys.executable, "-c", DRIVER, address, str(platform_file), spec.model_dump_json()]
    driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(reached(platform_file, 10))
    driver.kill()
    driver.wait()
    killing = kill_a_worker_at(platform_file, 25)
    trained = run(platform_file, spec.model_dump_json())
    killing.join()

    steps = [attempt["step"] for attempt in trained["attempts"]]
    assert len(steps) == 3
    assert steps[0] == 0 < 10 <= steps[1] < 25 <= steps[2] < 60
    loop = uninterrupted(spec, examples)
    expected = save(loop.run())
    assert trained["weights"] == digest(expected)
    assert workspace(platform_file).get("weights") == expected
    assert [row["loss"] for row in trained["history"]] == [row["loss"] for row in loop.position.history]
    assert Checkpoints(workspace(platform_file), "", 2).names() == []


@pytest.mark.long
def test_two_workers_one_of_them_killed_equal_one(address: str, platform_file: Path):
    examples, spec = data(platform_file, 650), slow(platform_file, 0.1, dropout=0.0, learning_rate=0.003)
    killing = kill_a_worker_at(platform_file, 15)
    trained = run(platform_file, spec.model_dump_json(), workers=2)
    killing.join()
    assert [attempt["workers"] for attempt in trained["attempts"]] == [2, 2]
    loop = uninterrupted(spec, examples)
    expected = loop.run()
    for ours, theirs in zip(trained["history"], loop.position.history, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], abs=1e-5)
    for name, value in load(workspace(platform_file).get("weights")).items():
        assert np.allclose(value, expected[name], atol=1e-5)


@pytest.mark.long
def test_a_store_that_takes_no_more_is_one_clear_error_and_the_run_goes_on_later(address: str, platform_file: Path):
    examples, spec = data(platform_file), slow(platform_file, 0.1)
    scratch, away = platform_file.parent / "store/scratch", platform_file.parent / "away"

    def fill() -> None:  # root may write anywhere; without its folder for new files the store may not
        until(reached(platform_file, 10))
        scratch.rename(away)

    filling = threading.Thread(target=fill)
    filling.start()
    journal = Journal(Tracker("http://127.0.0.1:9", "none"), workspace(platform_file), "key")
    with pytest.raises(FalajError) as raised:  # that the journal has no room either changes nothing
        run(platform_file, spec.model_dump_json(), journal=journal)
    filling.join()
    assert raised.value.code == "STO-007"
    assert "checkpoint" in raised.value.place, raised.value
    away.rename(scratch)
    trained = run(platform_file, spec.model_dump_json())
    assert [attempt["step"] for attempt in trained["attempts"]][1:] >= [10]
    assert trained["weights"] == digest(save(uninterrupted(spec, examples).run()))


def test_a_loss_that_is_no_number_is_not_tried_again(address: str, platform_file: Path):
    random = np.random.default_rng(0)
    x = random.normal(size=(640, 6))
    x[3, 3] = np.nan
    workspace(platform_file).put("train", to_bytes({"x": x}, x[:, 0] > 0))
    spec = slow(platform_file, 0.0)
    with pytest.raises(FalajError, match=r"TRN-002 step \d+ of 60: .*in batch \d+ of epoch 1"):
        run(platform_file, spec.model_dump_json())
    assert len((platform_file.parent / "trace").read_text().split()) == 1

"""What a simulated head says of its work as time goes by."""

import pytest

from infra.sim.network.work import DEPLOY_SECONDS, Application, Head, Job


@pytest.mark.parametrize(
    ("entrypoint", "after", "status"),
    [
        ("python train.py", 0, "SUCCEEDED"),
        ("sleep 5 && python train.py; sleep 6", 10, "RUNNING"),
        ("sleep 5 && python train.py; sleep 6", 11, "SUCCEEDED"),
        ("sleep 5; exit 3", 4, "RUNNING"),
        ("sleep 5; exit 3", 5, "FAILED"),
        ("exit 0", 0, "SUCCEEDED"),
        ("python asleep 5", 0, "SUCCEEDED"),
    ],
)
def test_a_job_takes_and_ends_as_its_entrypoint_says(entrypoint: str, after: float, status: str) -> None:
    told = Job("one", entrypoint, 100.0).told(100.0 + after)
    assert told["status"] == status
    assert ("end_time" in told) == (status != "RUNNING")


def test_a_stopped_job_ended_when_it_was_stopped() -> None:
    job = Job("one", "sleep 60", 100.0, stopped=107.0)
    assert job.told(108.0)["status"] == "STOPPED"
    assert job.told(108.0)["end_time"] == 107_000


def test_only_what_changed_is_deployed_again() -> None:
    head = Head("uid")
    same, other = {"name": "same", "deployments": [{"name": "D"}]}, {"name": "other", "import_path": "a:b"}
    head.deploy([same, other, {"name": "gone"}], 100.0)
    head.deploy([same, {**other, "import_path": "a:c"}], 200.0)
    assert head.applications == {
        "same": Application(same, 100.0),
        "other": Application({**other, "import_path": "a:c"}, 200.0),
    }
    told = {name: one.told(200.0) for name, one in head.applications.items()}
    assert {name: one["status"] for name, one in told.items()} == {"same": "RUNNING", "other": "DEPLOYING"}
    assert told["same"]["deployments"] == {"D": {"name": "D", "status": "HEALTHY"}}
    assert head.applications["other"].running(200.0 + DEPLOY_SECONDS)

"""The spec: what it refuses, and the profile it becomes on a runtime."""

from typing import Any

import pytest
from pydantic import ValidationError

from infra.errors import FalajError
from workloads.lib.train.spec import Job, Profile, Training, profile

SPEC: dict[str, Any] = {"seed": 7, "epochs": 2, "batch": 32, "learning_rate": 0.01}


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"batch": 0},
        {"seed": -1},
        {"learning_rate": 0},
        {"learning_rate": float("nan")},
        {"precision": "fp16"},
        {"workers": {"min": 3, "max": 2}},
        {"workers": {"min": 0}},
        {"checkpoint": 0},
        {"keep": 0},
        {"epocs": 3},
    ],
)
def test_a_wrong_spec_is_refused(wrong: dict[str, Any]):
    Training.model_validate(SPEC)
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Training.model_validate(SPEC | wrong)


@pytest.mark.parametrize(
    ("changes", "cpus", "gpus", "expected"),
    [
        ({}, 8, 0, Profile("cpu", 1, 1, 8, 8)),
        ({}, 8, 2, Profile("gpu", 1, 1, 8, 8)),
        ({"device": "cpu", "threads": 3}, 8, 2, Profile("cpu", 1, 1, 8, 3)),
        ({"workers": {"min": 2, "max": 4}}, 8, 0, Profile("cpu", 2, 4, 2, 2)),
        ({"workers": {"min": 2, "max": 4}}, 3, 0, Profile("cpu", 2, 3, 1, 1)),
        ({"workers": {"min": 2, "max": 4}}, 8, 1, Profile("cpu", 2, 4, 2, 2)),
        ({"workers": {"min": 1, "max": 4}}, 8, 2, Profile("gpu", 1, 2, 4, 4)),
    ],
)
def test_one_spec_serves_cpu_and_gpu(changes: dict[str, Any], cpus: int, gpus: int, expected: Profile):
    assert profile(Training.model_validate(SPEC | changes), cpus, gpus) == expected


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"device": "gpu"}, "min is 1, the runtime has 0 GPUs"),
        ({"workers": {"min": 3, "max": 3}}, "min is 3, the runtime has 2 cores"),
    ],
)
def test_a_runtime_that_has_not_what_is_asked_for_is_one_clear_error(changes: dict[str, Any], said: str):
    with pytest.raises(FalajError, match=f"TRN-001 .*{said}"):
        profile(Training.model_validate(SPEC | changes), 2, 0)


def test_the_digest_is_of_what_the_weights_depend_on():
    def digest(**changes: Any) -> str:
        return Job(task="regression", network="a:b", training=Training.model_validate(SPEC | changes)).digest

    assert digest() == digest(device="cpu") == digest(threads=2) == digest(workers={"max": 2}) == digest(keep=5)
    assert len({digest(), digest(seed=8), digest(epochs=3), digest(precision="bf16"), digest(batch=8)}) == 5

"""The search space: what it refuses."""

from typing import Any

import pytest
from pydantic import ValidationError

from infra.errors import FalajError
from workloads.lib.train.space import Space, apply
from workloads.lib.train.spec import Job, Training

JOB = Job(
    task="classification",
    network="a:b",
    network_config={"width": 32},
    training=Training(seed=1, epochs=9, batch=64, learning_rate=0.01),
)


def space(**parameters: Any) -> Space:
    names = {name.replace("__", "."): value for name, value in parameters.items()}
    return Space.model_validate({"parameters": names, "trials": 3, "seed": 1})


def test_a_space_sets_what_it_names():
    found = space(training__learning_rate={"low": 1e-4, "high": 0.1, "log": True}, network__width={"values": [8, 16]})
    found.check(JOB)
    changed = apply(JOB, {"training.learning_rate": 0.05, "network.width": 8})
    assert (changed.training.learning_rate, changed.network_config) == (0.05, {"width": 8})
    assert changed.training.epochs == 9
    assert JOB.network_config == {"width": 32}


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"training__learning_rat": {"low": 1, "high": 2}}, "training.learning_rat.*no such setting.*learning_rate"),
        ({"training__seed": {"values": [1, 2]}}, "training.seed.*no such setting"),
        ({"network__depth": {"values": [1, 2]}}, "network.depth.*network has width"),
        ({"data__year": {"values": [2015, 2016]}}, "data.year.*no such setting"),
        ({"training__batch": {"low": 0, "high": 64}}, "training.batch.*found 0"),
        ({"training__optimizer": {"values": ["adamw", "adam"]}}, "training.optimizer.*found 'adam'"),
    ],
)
def test_a_wrong_space_is_one_clear_error(parameters: dict[str, Any], said: str):
    with pytest.raises(FalajError, match=f"TRN-006 {said}"):
        space(**parameters).check(JOB)


@pytest.mark.parametrize(
    "range_", [{"low": 2, "high": 1}, {"low": 0, "high": 1, "log": True}, {"values": [1]}, {"low": 1}, {"values": []}]
)
def test_a_range_without_values_is_refused(range_: dict[str, Any]):
    with pytest.raises(ValidationError):
        space(training__learning_rate=range_)

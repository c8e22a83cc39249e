"""Two trainings of the same facts have the same weights; what differs is named."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save

from infra.errors import FalajError
from tests.workloads.lib.train.test_loop import examples, job
from workloads.lib.fingerprint import WORKLOADS
from workloads.lib.object_store import digest
from workloads.lib.train import hardware
from workloads.lib.train.loop import Loop
from workloads.lib.train.reproduce import facts, verify
from workloads.lib.train.spec import Job

CODE = WORKLOADS / "lib" / "train"


def trained(spec: Job) -> tuple[dict[str, Any], str]:
    """(facts, digest of the weights)."""
    about = {"hardware": hardware.prepare(spec.training, torch.device("cpu"), 1)}
    loop = Loop(spec, examples(), about=about)
    weights = digest(save(loop.run()))
    return facts(spec, {"attempts": loop.position.attempts}, {"people": "sha256:1"}, CODE), weights


def test_again_is_the_same_bit_for_bit():
    (was, weights), (now, again) = trained(job()), trained(job())
    assert verify(was, weights, now, again) == []
    assert weights == again
    assert "hostname" not in str(was)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"seed": 6}, ["job", "seed"]),
        ({"precision": "bf16"}, ["hardware", "job", "precision"]),
        ({"epochs": 3}, ["job"]),
    ],
)
def test_what_differs_is_named(changes: dict[str, Any], named: list[str]):
    (was, weights), (now, again) = trained(job()), trained(job(**changes))
    assert weights != again
    assert verify(was, weights, now, again) == named


def test_other_weights_from_the_same_facts_are_an_error():
    was, weights = trained(job())
    with pytest.raises(FalajError, match=f"TRN-008 .*{weights}.*sha256:2"):
        verify(was, weights, was, "sha256:2")


def test_code_and_data_count(tmp_path: Path):
    spec, attempts = job(), {"attempts": []}
    one = facts(spec, attempts, {"people": "1"}, CODE)
    assert verify(one, "w", facts(spec, attempts, {"people": "2"}, CODE), "v") == ["data"]
    assert verify(one, "w", facts(spec, attempts, {"people": "1"}, WORKLOADS / "employment"), "v") == ["code"]

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from infra.errors import CATALOGUE, FalajError
from tests.workloads.lib.serve.conftest import NAME, Models
from workloads.lib.platform import Platform
from workloads.lib.serve.plan import Arm, Plan
from workloads.lib.serve.rollout import app, roll_out
from workloads.lib.serve.router import STATUS, refuse
from workloads.lib.serve.scale import Scale
from workloads.lib.serve.variant import Variant


def test_a_refusal_is_one_line_and_says_when_to_come_back() -> None:
    assert CATALOGUE.keys() >= STATUS.keys()
    busy = refuse(FalajError("SRV-006", "arm old", "its queue is full"))
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "1")
    assert json.loads(bytes(busy.body))["detail"].startswith("FALAJ-SRV-006 arm old: its queue is full")
    wrong = refuse(FalajError("WRK-017", "POST /late/predict", "month: 13"))
    assert wrong.status_code == 422
    assert "retry-after" not in wrong.headers


def test_nothing_is_served_without_the_gates_decision(models: Models, tmp_path: Path) -> None:
    platform = Platform.load(models.platform_file)
    for decision in ("", "made-up"):
        plan = Plan(experiment="x", arms=(Arm(name="old", model=models.champion, decision=decision),))
        with pytest.raises(FalajError, match=r"REG-004|GATE-"):
            roll_out(models.platform_file, platform, NAME, plan)


def test_a_models_application_is_named_by_its_digest(models: Models) -> None:
    assert app(NAME, models.champion) == f"late.{models.champion[7:23]}"
    assert app(NAME, models.champion) != app(NAME, models.challenger)


def test_a_scale_is_what_serve_takes() -> None:
    one, many = (Variant.options(**Scale(min=1, max=top, target=4).options()) for top in (1, 3))
    assert one.num_replicas == 1
    scaled = many._deployment_config.autoscaling_config
    assert (scaled.min_replicas, scaled.max_replicas, scaled.target_ongoing_requests) == (1, 3, 4)
    with pytest.raises(ValidationError, match="min is 3, more than max, 2"):
        Scale(min=3, max=2)

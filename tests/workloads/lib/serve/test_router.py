import json
from pathlib import Path

import pytest

from infra.errors import CATALOGUE, FalajError
from tests.workloads.lib.serve.conftest import NAME, Models
from workloads.lib.platform import Platform
from workloads.lib.serve.plan import Arm, Plan
from workloads.lib.serve.rollout import app, roll_out
from workloads.lib.serve.router import STATUS, refuse


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

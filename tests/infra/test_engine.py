"""The plan providers are for plans: nothing is applied while they are attached."""

from collections.abc import Callable

import pytest

from infra.engine import STAND_INS, Engine
from infra.errors import FalajError


@pytest.mark.parametrize("apply", [lambda engine: engine.up(print), lambda engine: engine.destroy(print)])
def test_nothing_is_applied_with_the_plan_providers(
    apply: Callable[[Engine], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FalajError, match="PLAN-001"):
        apply(Engine("uae", added={STAND_INS: "aws:4000"}))
    monkeypatch.setenv(STAND_INS, "aws:4000")
    with pytest.raises(FalajError, match="PLAN-001"):
        apply(Engine("uae"))


def test_a_simulated_region_is_applied_with_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STAND_INS, "aws:4000")
    with pytest.raises(FalajError, match="PLAN-001"):
        Engine("uae", simulated=True).up(print)

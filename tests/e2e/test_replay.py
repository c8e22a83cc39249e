"""A replay as a user runs it: years of requests, late labels, a retraining, an experiment, a fault and the way back."""

import pytest

from tests.rig import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(1500)]


def test_employment_is_played_to_its_end(platform: Platform) -> None:
    found = platform.json("replay", "employment")
    quiet = {one["period"]: one for one in found["periods"]}
    assert list(quiet) == [2016, 2017]
    for one in quiet.values():
        assert one["requests"] == 1500
        assert one["failed"] == 0
        assert one["firing"] == [], "four years of one state hold no drift worth an alarm"
        true, foreseen = one["performance"], one["drift"]["estimated"]["accuracy"]
        assert foreseen["low"] < true["high"]
        assert true["low"] < foreseen["high"]
        assert not true["worse"]

    experiment = found["experiment"]
    assert (experiment["period"], experiment["requests"], experiment["failed"]) == (2018, 8000, 0)
    assert experiment["champion"] != experiment["challenger"]
    assert sum(experiment["subjects"].values()) > 4000
    assert experiment["srm"] > 0.0001
    # 0.05 is 2.9 standard errors past the interval of two equal models: other verdicts are for one replay in 500.
    assert experiment["verdict"] == "promote-request"

    back = experiment["rollback"]
    assert "data:AGEP" in back["alarms"]
    assert back["reaction"]["action"] == "rollback"
    assert platform.json("incident", "show", back["incident"])["stage"] == "recovered"
    status = platform.json("release", "status", "employment")
    assert status["production"] == status["served"] == experiment["champion"]
    assert [one["kind"] for one in status["moves"][-2:]] == ["move", "rollback"]

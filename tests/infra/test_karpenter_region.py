"""Which pools Karpenter makes the machines of, and a whole region with it, planned and judged."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.regions.karpenter import made
from infra.settings import AwsStack, parse
from tests.infra.test_checks import PLACE, Change, config
from tests.rig import make_platform

ON: Change = {"karpenter.enabled": True}


def pools(change: Change) -> set[str]:
    found = parse(config("uae-aws", change), PLACE)
    assert isinstance(found, AwsStack)
    return set(made(found))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, set[str]()),
        (ON, {"cpu", "l40s"}),  # and neither the system's own nor what is reserved
        ({**ON, "pools.cpu.capacity": "spot"}, {"cpu", "l40s"}),
        ({**ON, "pools.cpu.min": 1}, {"l40s"}),
        ({**ON, "pools.l40s.efa": True}, {"cpu"}),
        ({**ON, "pools.l40s.mig": "1g.18gb"}, {"cpu"}),
        ({**ON, "pools.l40s.time_slices": 4}, {"cpu"}),
        ({**ON, "platform": {"enabled": False}}, set[str]()),
    ],
)
def test_karpenter_makes_what_is_bought_by_the_hour_and_need_not_be_there(change: Change, found: set[str]) -> None:
    assert pools(change) == found


def planned(folder: Path, change: Change) -> dict[str, Any]:
    platform = make_platform(folder)
    (platform.stacks / "Pulumi.uae-aws.yaml").write_text(
        yaml.safe_dump({"secretsprovider": "awskms://alias/x?region=me-central-1", "config": config("uae-aws", change)})
    )
    return platform.json("plan", "uae-aws")


def names(plan: dict[str, Any], type_: str) -> set[str]:
    urns = (one["urn"].split("::") for one in plan["changes"])
    return {name for _, _, types, name in urns if types.rsplit("$", 1)[-1].endswith(f":{type_}")}


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_a_region_with_it_has_groups_for_the_other_pools_alone_and_is_allowed(tmp_path: Path) -> None:
    """Both kinds are held against their types: a plan of an object that its type would refuse fails."""
    plan = planned(tmp_path, ON)
    assert plan["decision"]["verdict"] == "allow"
    assert {name.rpartition("-")[0] for name in names(plan, "NodeGroup")} == {"pool-system", "pool-h200"}
    assert names(plan, "NodePool") == {"karpenter-pools-pool-cpu", "karpenter-pools-pool-l40s"}
    assert names(plan, "EC2NodeClass") == {"karpenter-pools-class-cpu", "karpenter-pools-class-l40s"}


@pytest.mark.long
@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_a_region_whose_gpus_are_divided_and_shared_is_allowed(tmp_path: Path) -> None:
    change: Change = {"pools.h200.mig": "1g.18gb", "pools.l40s.time_slices": 2, "ray": {}, "queues": {}}
    plan = planned(tmp_path, change)
    assert plan["decision"]["verdict"] == "allow"
    assert names(plan, "DaemonSet") == {
        "device-plugin-daemon",
        "device-plugin-2-daemon",
        "dcgm-exporter-daemon",
        "mig-manager-daemon",
    }

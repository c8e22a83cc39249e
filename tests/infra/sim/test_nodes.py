import pytest

from infra.checks import checked
from infra.settings import AwsStack
from infra.sim.nodes import allocatable, counts, nodes

ZONES = ["me-central-1a", "me-central-1b"]


@pytest.fixture(scope="module")
def settings() -> AwsStack:
    found = checked("uae-aws")
    assert isinstance(found, AwsStack)
    return found


def test_a_node_has_what_its_pools_machine_and_disk_have(settings: AwsStack) -> None:
    l40s, h200 = (allocatable(settings.pools[name]) for name in ("l40s", "h200"))
    assert (l40s["nvidia.com/gpu"], h200["nvidia.com/gpu"]) == ("4", "8")
    assert (l40s["ephemeral-storage"], h200["ephemeral-storage"]) == ("450Gi", "900Gi")
    assert h200["vpc.amazonaws.com/efa"] == "16"
    divided = settings.pools["h200"].model_copy(update={"mig": "1g.18gb"})
    assert allocatable(divided)["nvidia.com/mig-1g.18gb"] == "56"


def test_nodes_stand_in_their_pools_zones(settings: AwsStack) -> None:
    made = list(nodes(settings, ZONES, counts(settings, {"l40s": 3, "h200": 2, "cpu": 0, "system": 1})))
    zones = {one["metadata"]["name"]: one["metadata"]["labels"]["topology.kubernetes.io/zone"] for one in made}
    assert zones == {
        "system-0": "me-central-1a",
        "l40s-0": "me-central-1a",
        "l40s-1": "me-central-1b",
        "l40s-2": "me-central-1a",
        "h200-0": "me-central-1a",  # of a reservation
        "h200-1": "me-central-1a",
    }
    gpu = next(one for one in made if one["metadata"]["name"] == "l40s-0")
    assert gpu["spec"]["taints"] == [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}]

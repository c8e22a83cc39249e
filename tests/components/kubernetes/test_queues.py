from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.priority import CLASSES, Priorities, PrioritiesArgs
from components.kubernetes.queues import Machines, Queue, Queues, QueuesArgs, cluster_queue
from tests.components.kubernetes import rig

POOLS = {
    "cpu": Machines(kind="cpu", most=10, cpu=15.5, gib=58),
    "l40s": Machines(kind="gpu", most=4, cpu=47.5, gib=350, gpus=4),
}
QUEUES = {"research": Queue(machines={"cpu": 4, "l40s": 2}, namespaces=["ray"], borrows=False)}


def made(queues: dict[str, Queue] = QUEUES) -> dict[str, rig.Made]:
    def build() -> None:
        context = rig.context()
        Namespace("ray", NamespaceArgs(context=context, name="ray"))
        found = Queues("queues", QueuesArgs(context=context, pools=POOLS, queues=queues))
        Priorities("priorities", PrioritiesArgs(context=context, after=found.types))

    return rig.deployed(build)


def test_the_gate_finds_nothing() -> None:
    assert rig.findings(made(), "IMG-003") == {}


def test_a_queue_has_what_its_machines_hold() -> None:
    spec = made()["queues-clusterqueue-research"].inputs["spec"]
    (group,) = spec["resourceGroups"]
    assert group["coveredResources"] == ["cpu", "memory", "nvidia.com/gpu"]
    quotas = {
        flavor["name"]: {one["name"]: one["nominalQuota"] for one in flavor["resources"]} for flavor in group["flavors"]
    }
    assert quotas == {
        "cpu": {"cpu": "62000m", "memory": f"{58 * 1024 * 4}Mi", "nvidia.com/gpu": "0"},
        "l40s": {"cpu": "95000m", "memory": f"{350 * 1024 * 2}Mi", "nvidia.com/gpu": "8"},
    }
    assert all(one["borrowingLimit"] == "0" for flavor in group["flavors"] for one in flavor["resources"])


def test_what_is_put_into_a_queue_waits_until_the_server_knows_who_answers() -> None:
    found = made()
    late = {name for name, one in found.items() if one.type.endswith("WebhookConfiguration")}
    assert len(late) == 2
    for name in late:
        assert found[name].inputs["metadata"]["annotations"]["pulumi.com/waitFor"].endswith("caBundle}")
    assert found["queues-clusterqueue-research"].depends_on >= late


def test_types_then_flavors_then_queues() -> None:
    found = made()
    queue, local = found["queues-clusterqueue-research"], found["queues-localqueue-research-ray"]
    assert queue.depends_on >= {"queues-resourceflavor-cpu", "queues-resourceflavor-l40s"}
    assert "queues-clusterqueue-research" in local.depends_on
    assert local.inputs["metadata"]["namespace"] == "ray"
    gpu = found["queues-resourceflavor-l40s"].inputs["spec"]
    assert gpu["nodeLabels"] == {"falaj.io/pool": "l40s"}
    assert [taint["key"] for taint in gpu["nodeTaints"]] == ["nvidia.com/gpu"]


def test_every_class_is_for_pods_and_for_work_that_waits() -> None:
    found = made()
    for one in CLASSES:
        pods, work = found[f"priorities-{one.name}"].inputs, found[f"priorities-{one.name}-work"].inputs
        assert pods["value"] == work["value"] == one.value
    assert [one.name for one in sorted(CLASSES, key=lambda one: -one.value)] == [one.name for one in CLASSES]


@pytest.mark.parametrize(
    ("queues", "said"),
    [
        ({"a": Queue(machines={"b200": 1}, namespaces=[])}, "b200"),
        ({name: Queue(machines={"l40s": 3}, namespaces=[]) for name in "ab"}, "6 machines of pool 'l40s', which has 4"),
    ],
)
def test_more_than_there_is_cannot_be_promised(queues: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        QueuesArgs(context=rig.context(), pools=POOLS, queues=queues)


@given(st.dictionaries(st.sampled_from(sorted(POOLS)), st.integers(0, 10), min_size=1), st.booleans())
def test_every_flavor_counts_every_resource(machines: dict[str, int], borrows: bool) -> None:
    """What the API server asks of a resource group."""
    (group,) = cluster_queue(Queue(machines=machines, namespaces=["a"], borrows=borrows), POOLS)["resourceGroups"]
    assert {flavor["name"] for flavor in group["flavors"]} == set(machines)
    for flavor in group["flavors"]:
        assert [one["name"] for one in flavor["resources"]] == group["coveredResources"]

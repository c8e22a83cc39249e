"""What a plan shows as a component."""

from typing import Any

from infra.plan.change import changes
from infra.plan.part import PROGRAM, named, parts, short


def step(
    name: str, type_: str, parent: str = "", needs: tuple[str, ...] = (), *, custom: bool = True
) -> dict[str, Any]:
    state = {"type": type_, "custom": custom, "parent": parent, "dependencies": list(needs), "inputs": {}}
    return {"urn": name, "op": "create", "newState": state}


STEPS = [
    step("region", "falaj:aws:Region", custom=False),
    step("network", "falaj:aws:Network", "region", custom=False),
    step("routes", "falaj:aws:Routes", "network", custom=False),
    step("vpc", "aws:ec2/vpc:Vpc", "network"),
    step("route", "aws:ec2/route:Route", "routes", ("vpc",)),
    step("cluster", "falaj:aws:Cluster", "region", custom=False),
    step("plane", "aws:eks/cluster:Cluster", "cluster", ("network",)),
    step("note", "aws:ssm/parameter:Parameter", "region"),
    step("alone", "aws:s3/bucket:Bucket"),
]


def test_a_component_holds_all_that_is_in_it_below_the_region() -> None:
    found = {part.urn: part for part in parts(changes(STEPS))}
    assert {urn: list(part.types) for urn, part in found.items()} == {
        "network": ["ec2.Route", "ec2.Vpc"],
        "cluster": ["eks.Cluster"],
        "region": ["ssm.Parameter"],
        PROGRAM: ["s3.Bucket"],
    }


def test_to_need_a_component_is_to_need_what_is_in_it() -> None:
    found = {part.urn: part.needs for part in parts(changes(STEPS))}
    assert found["cluster"] == {"network"}
    assert found["network"] == frozenset()


def test_names_are_short() -> None:
    assert short("aws:ec2/subnet:Subnet") == "ec2.Subnet"
    assert short("kubernetes:ray.io/v1:RayCluster") == "ray.io/v1.RayCluster"
    assert short("falaj:local:KeyRing") == "falaj:local.KeyRing"
    assert named(["a", "b", "c", "d"]) == "a, b, c, d"
    assert named(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"

"""How a stack is taken away, from its state alone."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.drain.order import Order, order
from infra.drain.stage import STAGES

Item = dict[str, Any]
TYPES = [
    "aws:ec2/vpc:Vpc",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/natGateway:NatGateway",
    "aws:eks/cluster:Cluster",
    "aws:eks/nodeGroup:NodeGroup",
    "aws:eks/addon:Addon",
    "aws:rds/instance:Instance",
    "aws:s3/bucket:Bucket",
    "kubernetes:ray.io/v1:RayService",
    "kubernetes:ray.io/v1:RayCluster",
    "kubernetes:kueue.x-k8s.io/v1beta1:LocalQueue",
    "kubernetes:core/v1:PersistentVolumeClaim",
    "kubernetes:apps/v1:Deployment",
]


def urn(name: str) -> str:
    return f"urn:pulumi:uae::falaj::any::{name}"


def item(name: str, type_: str, *needs: str, **more: Any) -> Item:
    dependencies = [urn(need) for need in needs]
    return {"urn": urn(name), "type": type_, "id": name, "custom": True, "dependencies": dependencies, **more}


def service(kind: str) -> Item:
    return item(f"svc-{kind}", "kubernetes:core/v1:Service", inputs={"spec": {"type": kind}})


CLOUD = [
    item("aws", "pulumi:providers:aws", inputs={"region": "me-central-1"}),
    item("vpc", "aws:ec2/vpc:Vpc", provider=f"{urn('aws')}::1"),
    item("subnet", "aws:ec2/subnet:Subnet", "vpc"),
    item("nat", "aws:ec2/natGateway:NatGateway", "subnet"),
    item("role", "aws:iam/role:Role"),
    item(
        "cluster", "aws:eks/cluster:Cluster", "subnet", "role", provider=f"{urn('aws')}::1", outputs={"name": "uae-1"}
    ),
    item("addon", "aws:eks/addon:Addon", "cluster"),
    item("nodes", "aws:eks/nodeGroup:NodeGroup", "cluster", "subnet"),
    item("k8s", "pulumi:providers:kubernetes", "cluster"),
    item("operator", "kubernetes:apps/v1:Deployment", inputs={"metadata": {"namespace": "kuberay-system"}}),
    item("web", "kubernetes:apps/v1:Deployment", inputs={"metadata": {"namespace": "team"}}),
    item("pool", "kubernetes:karpenter.sh/v1:NodePool"),
    item("claim", "kubernetes:core/v1:PersistentVolumeClaim"),
    service("LoadBalancer"),
    service("ClusterIP"),
    item("queue", "kubernetes:kueue.x-k8s.io/v1beta1:ClusterQueue"),
    item("ray", "kubernetes:ray.io/v1:RayCluster"),
    item("job", "kubernetes:ray.io/v1:RayJob"),
    item("serve", "kubernetes:ray.io/v1:RayService"),
]


def names(found: Order) -> list[str]:
    return [one.name for one in found.going]


def test_workloads_go_before_what_controllers_made_before_the_cluster_before_its_network() -> None:
    assert names(order(CLOUD)) == [
        *("serve", "job", "ray", "queue", "web", "svc-LoadBalancer", "claim", "pool", "svc-ClusterIP", "operator"),
        *("nodes", "addon", "cluster", "nat", "subnet", "vpc", "role"),
    ]


def test_what_needs_something_early_goes_with_it() -> None:
    found = order([*CLOUD, item("report", "aws:s3/bucket:Bucket", "serve")])
    assert names(found)[:2] == ["report", "serve"]
    assert [one.name for one in found.waves[0].members] == ["report", "serve"]


def test_what_holds_data_stays_with_all_that_it_needs() -> None:
    database = item("db", "aws:rds/instance:Instance", "subnet", retainOnDelete=True, protect=True)
    found = order([*CLOUD, database])
    assert {kept.resource.name: kept.reason for kept in found.kept} == {
        "db": "retained: it outlives its stack",
        "subnet": "needed by db",
        "vpc": "needed by subnet",
    }
    assert not {"db", "subnet", "vpc"} & set(names(found))
    assert "cluster" in names(found)


def test_components_go_when_nothing_stays_in_them() -> None:
    inside = {"parent": urn("store")}
    store = {"urn": urn("store"), "type": "falaj:aws:ObjectStore", "custom": False}
    other = {"urn": urn("keys"), "type": "falaj:aws:Keys", "custom": False}
    lake = item("lake", "aws:s3/bucket:Bucket", retainOnDelete=True, **inside)
    key = item("key", "aws:kms/key:Key", parent=urn("keys"))
    found = order([store, other, lake, key])
    assert found.last == (urn("keys"),)
    assert names(found) == ["key"]
    assert order([store, lake, item("user", "aws:iam/role:Role", "store", retainOnDelete=True)]).going == ()


@pytest.mark.parametrize(
    ("what", "part"),
    [
        ("load balancers", "Key=elbv2.k8s.aws/cluster,Values=uae-1 --region me-central-1"),
        ("disks", "Name=tag:kubernetes.io/cluster/uae-1,Values=owned"),
        ("machines", "karpenter.sh/nodepool"),
        ("network interfaces that", "Name=vpc-id,Values=vpc"),
    ],
)
def test_what_may_be_left_comes_with_its_query(what: str, part: str) -> None:
    (query,) = [leak.query for leak in order(CLOUD).leaks if leak.what.startswith(what)]
    assert part in query


@st.composite
def states(draw: st.DrawFn) -> list[Item]:
    made: list[Item] = []
    for number in range(draw(st.integers(1, 14))):
        needs = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set[int]()
        retained = draw(st.integers(0, 6)) == 0
        made.append(item(str(number), draw(st.sampled_from(TYPES)), *map(str, sorted(needs)), retainOnDelete=retained))
    return made


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no finding
@given(states())
def test_everything_goes_once_or_stays_and_nothing_goes_before_what_needs_it(state: list[Item]) -> None:
    found = order(state)
    went, stayed = names(found), {kept.resource.name for kept in found.kept}
    assert sorted([*went, *stayed]) == sorted(one["id"] for one in state)
    places = {name: place for place, name in enumerate(went)}
    for one in state:
        for need in (needed.rsplit("::", 1)[-1] for needed in one["dependencies"]):
            assert need in stayed or places[one["id"]] < places[need]
            assert one["id"] not in stayed or need in stayed
    stages = [STAGES.index(wave.stage) for wave in found.waves]
    assert stages == sorted(set(stages))

"""Karpenter: what it may start, change and end, and whom its queue hears."""

from typing import Any

import pytest

from components.aws.karpenter import Karpenter, KarpenterArgs
from tests.components.aws.iam import permits
from tests.components.aws.rig import ACCOUNT, Made, cluster, context, deployed, key, of_type

CONTEXT = context()
INSTANCE = CONTEXT.arn("ec2", "instance/i-1")
OWNED = {"aws:ResourceTag/kubernetes.io/cluster/uae-aws": "owned", "aws:ResourceTag/karpenter.sh/nodepool": "cpu"}
ASKED = {
    "aws:RequestTag/kubernetes.io/cluster/uae-aws": "owned",
    "aws:RequestTag/eks:eks-cluster-name": "uae-aws",
    "aws:RequestTag/karpenter.sh/nodepool": "cpu",
}


@pytest.fixture(scope="module")
def made() -> dict[str, Made]:
    return deployed(lambda: Karpenter("k", KarpenterArgs(context=CONTEXT, cluster=cluster(), key=key("cluster"))))


@pytest.fixture(scope="module")
def rights(made: dict[str, Made]) -> dict[str, Any]:
    return made["k-controller-rights"].document("policy")


def test_it_starts_machines_of_its_cluster_in_its_account_only(rights: dict[str, Any]) -> None:
    assert permits(rights, "ec2:RunInstances", INSTANCE, ASKED)
    assert not permits(rights, "ec2:RunInstances", INSTANCE)
    other = ASKED | {"aws:RequestTag/eks:eks-cluster-name": "another"}
    assert not permits(rights, "ec2:RunInstances", INSTANCE, other)
    assert not permits(rights, "ec2:RunInstances", INSTANCE.replace(ACCOUNT, "999999999999"), ASKED)
    assert not permits(rights, "ec2:RunInstances", INSTANCE.replace("me-central-1", "eu-west-1"), ASKED)


def test_it_ends_its_own_machines_only(rights: dict[str, Any]) -> None:
    assert permits(rights, "ec2:TerminateInstances", INSTANCE, OWNED)
    assert not permits(rights, "ec2:TerminateInstances", INSTANCE)


def test_it_uses_reservations_and_placement_groups(rights: dict[str, Any]) -> None:
    for kind in ("capacity-reservation/cr-1", "placement-group/fabric"):
        assert permits(rights, "ec2:CreateFleet", CONTEXT.arn("ec2", kind))


def test_it_hands_on_the_machines_role_and_no_other(made: dict[str, Made], rights: dict[str, Any]) -> None:
    machine = f"arn:aws:iam::{ACCOUNT}:role/{made['k-machine-role'].inputs['name']}"
    to_ec2 = {"iam:PassedToService": "ec2.amazonaws.com"}
    assert permits(rights, "iam:PassRole", machine, to_ec2)
    assert not permits(rights, "iam:PassRole", machine)
    assert not permits(rights, "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/uae-aws-ci-deploy", to_ec2)
    [entry] = of_type(made, "AccessEntry")
    assert (entry.inputs["type"], entry.inputs["principalArn"]) == ("EC2_LINUX", machine)


def test_its_machines_profile_is_made_for_it_and_it_makes_none(made: dict[str, Made], rights: dict[str, Any]) -> None:
    [profile] = of_type(made, "InstanceProfile")
    assert profile.inputs["role"] == made["k-machine-role"].inputs["name"]
    for action in ("iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile", "pricing:GetProducts"):
        assert not permits(rights, action)


def test_its_policy_fits_in_a_role(made: dict[str, Made]) -> None:
    assert len("".join(made["k-controller-rights"].inputs["policy"].split())) < 10_240


def test_only_its_rules_send_to_its_sealed_queue_and_only_by_tls(made: dict[str, Made]) -> None:
    assert made["k-queue"].inputs["kmsMasterKeyId"] == key("cluster").arn
    policy = made["k-queue-policy"].document("policy")
    queue = CONTEXT.arn("sqs", "uae-aws-karpenter")
    rule = CONTEXT.arn("events", f"rule/{made['k-spot-interruption'].inputs['name']}")
    own = {"aws:SourceArn": rule, "aws:SourceAccount": ACCOUNT}
    assert permits(policy, "sqs:SendMessage", queue, own)
    assert not permits(policy, "sqs:SendMessage", queue, own, {"aws:SecureTransport": "false"})
    foreign = {"aws:SourceArn": rule.replace(ACCOUNT, "999999999999"), "aws:SourceAccount": "999999999999"}
    assert not permits(policy, "sqs:SendMessage", queue, foreign)


def test_it_hears_of_every_way_to_lose_a_machine(made: dict[str, Made]) -> None:
    rules = {one.name: one.document("eventPattern")["detail-type"][0] for one in of_type(made, "EventRule")}
    assert set(rules.values()) == {
        "AWS Health Event",
        "EC2 Spot Instance Interruption Warning",
        "EC2 Instance Rebalance Recommendation",
        "EC2 Instance State-change Notification",
        "EC2 Capacity Reservation Instance Interruption Warning",
    }
    for target in of_type(made, "EventTarget"):
        assert "k-queue" in target.depends_on


def test_it_is_the_controllers_pods_that_take_the_role(made: dict[str, Made]) -> None:
    [association] = of_type(made, "PodIdentityAssociation")
    assert (association.inputs["namespace"], association.inputs["serviceAccount"]) == ("karpenter", "karpenter")
    trust = made["k-controller-role"].document("assumeRolePolicy")["Statement"][0]["Condition"]["StringEquals"]
    assert trust["aws:RequestTag/kubernetes-service-account"] == "karpenter"

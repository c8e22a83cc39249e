"""Roles: named beforehand, taken only by whom they name."""

import json

import pytest

from components.aws.role import Role, RoleArgs, allow, by_pods, by_roles, by_service, by_web, role_arn
from tests.components.aws.iam import permits
from tests.components.aws.rig import ACCOUNT, context, deployed, known, of_type

CLUSTER = context().arn("eks", "cluster/uae-aws")


def test_a_role_has_the_name_that_policies_expect_and_no_rights_beyond_its_boundary() -> None:
    args = RoleArgs(
        context=context(),
        purpose="train",
        trust=by_service("ec2"),
        managed=["service-role/AmazonEBSCSIDriverPolicy"],
        statements=[allow(["s3:GetObject"], "arn:aws:s3:::lake/*")],
        boundary="arn:aws:iam::123456789012:policy/edge",
    )
    made = deployed(lambda: Role("r", args))
    assert made["r-role"].inputs["name"] == role_arn(context(), "train").rsplit("/", 1)[-1]
    assert made["r-role"].inputs["permissionsBoundary"].endswith("policy/edge")
    assert [one.inputs["policyArn"] for one in of_type(made, "RolePolicyAttachment")] == [
        "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
    ]
    assert made["r-rights"].document("policy")["Statement"] == [
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::lake/*"}
    ]
    assert "r-late-rights" not in made


def test_only_the_pods_of_the_service_account_take_a_role() -> None:
    trust = {"Statement": [by_pods(context(), CLUSTER, "ray", "train")]}
    asked = {
        "aws:SourceAccount": ACCOUNT,
        "aws:RequestTag/eks-cluster-arn": CLUSTER,
        "aws:RequestTag/kubernetes-namespace": "ray",
        "aws:RequestTag/kubernetes-service-account": "train",
    }

    def taken(**changed: str) -> bool:
        return permits(trust, "sts:AssumeRole", "*", asked | changed)

    assert taken()
    for name in asked:
        assert not taken(**{name: "another"})


def test_a_pipeline_proves_that_it_is_the_one() -> None:
    trust = {"Statement": [by_web(context(), "ci.example.ae", "repo:org/falaj:environment:prod", "sts.amazonaws.com")]}
    sub, aud = "ci.example.ae:sub", "ci.example.ae:aud"
    action = "sts:AssumeRoleWithWebIdentity"
    assert permits(trust, action, "*", {sub: "repo:org/falaj:environment:prod", aud: "sts.amazonaws.com"})
    assert not permits(trust, action, "*", {sub: "repo:org/falaj:pull_request", aud: "sts.amazonaws.com"})
    assert not permits(trust, action, "*", {sub: "repo:org/falaj:environment:prod", aud: "elsewhere"})


def test_people_show_a_second_factor() -> None:
    trust = {"Statement": [by_roles(["arn:aws:iam::123456789012:role/ops"], mfa=True)]}
    assert not permits(trust, "sts:AssumeRole")
    assert permits(trust, "sts:AssumeRole", "*", {"aws:MultiFactorAuthPresent": "true"})


def test_a_name_that_iam_does_not_take_is_refused() -> None:
    with pytest.raises(ValueError, match=r"66 characters, IAM takes 64"):
        role_arn(context(stack="s" * 60), "train")


def test_rights_on_what_has_no_name_yet_stand_apart() -> None:
    late = [allow(["secretsmanager:GetSecretValue"], ["arn:aws:secretsmanager:me-central-1:1:secret:db"])]
    args = RoleArgs(context=context(), purpose="tracking", trust=by_service("ec2"), late=late)
    made = deployed(lambda: Role("r", args))
    assert json.loads(made["r-late-rights"].inputs["policy"])["Statement"][0]["Action"] == late[0]["Action"]
    assert "r-rights" not in made


def test_outputs_are_the_roles() -> None:
    made: list[Role] = []
    deployed(lambda: made.append(Role("r", RoleArgs(context=context(), purpose="p", trust=by_service("ec2")))))
    assert known(made[0].name) == "uae-aws-p"

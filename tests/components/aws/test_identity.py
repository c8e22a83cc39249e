"""Identities: each duty reads and writes its own, nobody leaves the region, and the audit stays on."""

import json
from dataclasses import replace
from typing import Any

import pytest

from components.aws import boundary, ci
from components.aws.boundary import Boundary, BoundaryArgs
from components.aws.ci import CiArgs
from components.aws.identity import CiSettings, Identity, IdentityArgs
from components.contracts import ObjectStore
from tests.components.aws.iam import permits
from tests.components.aws.rig import ACCOUNT, Made, cluster, context, deployed, key, of_type

CONTEXT = context()
OPERATORS = f"arn:aws:iam::{ACCOUNT}:role/platform"
SECRET = CONTEXT.arn("secretsmanager", "secret:mlflow-AbCdEf")
STORES = {
    purpose: ObjectStore(name=f"uae-aws-{purpose}", arn=f"arn:aws:s3:::uae-aws-{purpose}", key=key("storage"))
    for purpose in ("lake", "features", "artifacts", "audit")
}
ARGS = IdentityArgs(
    context=CONTEXT,
    cluster=cluster(),
    boundary=boundary.policy_arn(CONTEXT),
    stores=STORES,
    secrets={"tracking": [SECRET]},
    ci=CiSettings(issuer="https://ci.example.ae/", subject="repo:org/falaj:environment:prod"),
    operators=[OPERATORS],
)
HERE = {"aws:RequestedRegion": CONTEXT.region}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/uae-aws-train"
BOUNDED = {"iam:PermissionsBoundary": boundary.policy_arn(CONTEXT)}


@pytest.fixture(scope="module")
def made() -> dict[str, Made]:
    return deployed(lambda: Identity("i", ARGS))


@pytest.mark.parametrize(
    ("duty", "action", "store", "path", "may"),
    [
        ("ingest", "s3:PutObject", "lake", "raw/2026.csv", True),
        ("ingest", "s3:GetObject", "artifacts", "models/1", False),
        ("train", "s3:GetObject", "lake", "tables/a", True),
        ("train", "s3:GetObject", "lake", "raw/2026.csv", False),
        ("train", "s3:PutObject", "artifacts", "models/1", True),
        ("train", "s3:PutObject", "lake", "tables/a", False),
        ("serve", "s3:GetObject", "artifacts", "models/1", True),
        ("serve", "s3:PutObject", "artifacts", "models/1", False),
        ("serve", "s3:PutObject", "lake", "requests/1", True),
        ("serve", "s3:GetObject", "lake", "requests/1", False),
        ("tracking", "s3:PutObject", "artifacts", "mlflow/1", True),
        ("tracking", "s3:GetObject", "artifacts", "models/1", False),
        ("train", "s3:GetObject", "audit", "log", False),
        ("train", "s3:DeleteObjectVersion", "artifacts", "models/1", False),
    ],
)
def test_pods_do_their_duty(made: dict[str, Made], duty: str, action: str, store: str, path: str, may: bool) -> None:
    rights = made[f"i-{duty}-identity-rights"].document("policy")
    own = {"aws:ResourceAccount": ACCOUNT}
    resource = f"arn:aws:s3:::uae-aws-{store}/{path}"
    assert permits(rights, action, resource, own) == may
    assert not permits(rights, action, resource, {"aws:ResourceAccount": "999999999999"})


def test_pods_list_what_they_read(made: dict[str, Made]) -> None:
    rights = made["i-serve-identity-rights"].document("policy")
    own = {"aws:ResourceAccount": ACCOUNT}
    bucket = "arn:aws:s3:::uae-aws-artifacts"
    assert permits(rights, "s3:ListBucket", bucket, own, {"s3:prefix": "models/"})
    assert not permits(rights, "s3:ListBucket", bucket, own, {"s3:prefix": "mlflow/"})


def test_each_duty_is_one_service_accounts(made: dict[str, Made]) -> None:
    bound = {
        one.parent: (one.inputs["namespace"], one.inputs["serviceAccount"])
        for one in of_type(made, "PodIdentityAssociation")
    }
    assert bound == {
        "i-ingest": ("ray", "ingest"),
        "i-train": ("ray", "train"),
        "i-serve": ("ray", "serve"),
        "i-tracking": ("mlflow", "tracking"),
    }


def test_only_tracking_opens_the_databases_password(made: dict[str, Made]) -> None:
    assert permits(made["i-tracking-identity-late-rights"].document("policy"), "secretsmanager:GetSecretValue", SECRET)
    assert [name for name in made if name.endswith("late-rights")] == ["i-tracking-identity-late-rights"]


def test_every_role_is_within_the_boundary(made: dict[str, Made]) -> None:
    assert {one.inputs["permissionsBoundary"] for one in of_type(made, "aws:iam/role:Role")} == {
        boundary.policy_arn(CONTEXT)
    }
    assert (
        deployed(lambda: Boundary("b", BoundaryArgs(context=CONTEXT)))["b-policy"].inputs["name"]
        == (boundary.policy_arn(CONTEXT).rsplit("/", 1)[-1])
    )


def test_people_and_plans_see_and_only_the_pipeline_changes(made: dict[str, Made]) -> None:
    granted = {
        one.inputs["principalArn"].rsplit("/", 1)[-1]: one.inputs["policyArn"].rsplit("/", 1)[-1]
        for one in of_type(made, "AccessPolicyAssociation")
    }
    assert granted == {
        "uae-aws-ci-plan": "AmazonEKSViewPolicy",
        "uae-aws-ci-deploy": "AmazonEKSClusterAdminPolicy",
        "uae-aws-operator": "AmazonEKSViewPolicy",
    }
    read = {one.parent: one.inputs["policyArn"] for one in of_type(made, "RolePolicyAttachment")}
    assert set(read) == {"i-ci-plan", "i-operator"}


def test_without_pipeline_and_operators_there_are_only_pods() -> None:
    made = deployed(lambda: Identity("i", replace(ARGS, ci=None, operators=[])))
    assert not of_type(made, "AccessEntry")
    assert not of_type(made, "OpenIdConnectProvider")


def test_the_boundary_keeps_everybody_in_the_region() -> None:
    edge = boundary.policy(CONTEXT)
    away = {"aws:RequestedRegion": "eu-west-1"}
    assert permits(edge, "s3:CreateBucket", "arn:aws:s3:::uae-aws-lake", HERE)
    assert not permits(edge, "s3:CreateBucket", "arn:aws:s3:::uae-aws-lake", away)
    assert not permits(edge, "ec2:RunInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/*", away)
    assert not permits(edge, "ec2:DescribeInstances", "*", away)
    assert not permits(edge, "s3:GetObject", "arn:aws:s3:::somebody-elses/x", HERE)
    # IAM has one endpoint in the world, which is in another region.
    assert permits(edge, "iam:GetRole", ROLE, {"aws:RequestedRegion": "us-east-1"})


@pytest.mark.parametrize(
    "action",
    [
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "guardduty:DeleteDetector",
        "ec2:DeleteFlowLogs",
        "logs:DeleteLogGroup",
        "kms:ScheduleKeyDeletion",
        "iam:CreateUser",
        "iam:CreateAccessKey",
        "iam:DeleteRolePermissionsBoundary",
    ],
)
def test_nobody_switches_off_the_audit_or_gets_out(action: str) -> None:
    service = action.split(":")[0]
    resource = f"arn:aws:iam::{ACCOUNT}:role/uae-aws-x" if service == "iam" else CONTEXT.arn(service, "x")
    assert not permits(boundary.policy(CONTEXT), action, resource, HERE)


def test_nobody_rewrites_the_boundary() -> None:
    assert not permits(boundary.policy(CONTEXT), "iam:CreatePolicyVersion", boundary.policy_arn(CONTEXT), HERE)


@pytest.fixture(scope="module")
def deploy() -> dict[str, Any]:
    return {"Statement": ci.rights(CONTEXT)}


def test_the_pipeline_makes_what_a_region_is_of(deploy: dict[str, Any]) -> None:
    for action, resource in (
        ("ec2:CreateVpc", CONTEXT.arn("ec2", "vpc/*")),
        ("eks:CreateCluster", CONTEXT.arn("eks", "cluster/uae-aws")),
        ("s3:PutBucketPolicy", "arn:aws:s3:::uae-aws-lake"),
        ("kms:CreateKey", "*"),
        ("iam:CreateInstanceProfile", f"arn:aws:iam::{ACCOUNT}:instance-profile/uae-aws-karpenter-machine"),
        ("rds:CreateDBInstance", CONTEXT.arn("rds", "db:uae-aws")),
    ):
        assert permits(deploy, action, resource, HERE), action
        assert permits(boundary.policy(CONTEXT), action, resource, HERE), action


def test_the_pipeline_sees_no_data(deploy: dict[str, Any]) -> None:
    assert not permits(deploy, "s3:GetObject", "arn:aws:s3:::uae-aws-lake/raw/1", HERE)
    assert not permits(deploy, "secretsmanager:GetSecretValue", SECRET, HERE)


def test_the_pipeline_gives_no_rights_beyond_the_boundary_and_none_to_itself(deploy: dict[str, Any]) -> None:
    assert permits(deploy, "iam:CreateRole", ROLE, BOUNDED)
    assert not permits(deploy, "iam:CreateRole", ROLE)
    assert not permits(deploy, "iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/another", BOUNDED)
    for action in ("iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole"):
        assert permits(deploy, action, ROLE, BOUNDED)
        assert not permits(deploy, action, f"arn:aws:iam::{ACCOUNT}:role/uae-aws-ci-deploy", BOUNDED)
    assert not permits(deploy, "iam:PassRole", ROLE, {"iam:PassedToService": "lambda.amazonaws.com"})


def test_policies_are_no_longer_than_iam_takes() -> None:
    assert len(json.dumps(boundary.policy(CONTEXT), separators=(",", ":"))) < 6_144
    assert len(json.dumps(ci.rights(CONTEXT), separators=(",", ":"))) < 10_000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"subject": "repo:org/*"}, r"stands for many"),
        ({"plan_subject": "repo:org/falaj:?"}, r"stands for many"),
        ({"issuer": "http://ci.example.ae"}, r"no https URL"),
    ],
)
def test_a_pipeline_that_may_be_any_is_refused(change: dict[str, str], said: str) -> None:
    good: dict[str, Any] = {"context": CONTEXT, "issuer": "https://ci.example.ae", "subject": "one", "boundary": "b"}
    with pytest.raises(ValueError, match=said):
        CiArgs(**good | change)


def test_a_duty_about_a_store_that_there_is_not_is_refused() -> None:
    with pytest.raises(Exception, match="features"):
        deployed(lambda: Identity("i", replace(ARGS, stores={"lake": STORES["lake"]})))

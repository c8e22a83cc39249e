"""Inputs that a provider would refuse, and those it would not."""

from typing import Any

import pytest

from infra.plan.check import problems

SSE = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
POD = "kubernetes:core/v1:Pod"
RAY = "kubernetes:ray.io/v1:RayCluster"
UNKNOWN = {"$unknown": True}


def container(**more: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "main", "image": "example.ae/main", **more}]}}


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (SSE, {"bucket": UNKNOWN, "rules": [{"bucketKeyEnabled": {"$secret": True}}]}),
        (SSE, {"bucket": "lake", "rules": UNKNOWN}),
        ("aws:s3/bucket:Bucket", {"tags": None, "__defaults": ["bucket"]}),
        ("aws:s3/bucketPolicy:BucketPolicy", {"bucket": "lake", "policy": {"Version": "2012-10-17", "Statement": []}}),
        ("aws:lambda/function:Function", {"role": UNKNOWN, "code": {"$asset": "sha256:00"}}),
        (POD, container(ports=[{"containerPort": 8080}], livenessProbe={"httpGet": {"port": "http"}})),
        (POD, container(livenessProbe={"httpGet": {"port": 8080}})),
        (POD, container(resources={"limits": {"cpu": "500m", "nvidia.com/gpu": 1}})),
        (RAY, {"apiVersion": "ray.io/v1", "kind": "RayCluster", "metadata": {"name": "a"}, "spec": {"any": [1]}}),
        ("pulumi:providers:aws", {"region": "me-central-1", "skipMetadataApiCheck": "true", "version": "7.51.0"}),
        ("pulumi:providers:aws", {"defaultTags": '{"tags": {"owner": "data"}}', "region": UNKNOWN}),
        ("falaj:local:KeyRing", {"whatever": 1}),
    ],
)
def test_right_inputs_have_no_problem(token: str, inputs: dict[str, Any]) -> None:
    assert problems(token, inputs) == []


@pytest.mark.parametrize(
    ("token", "inputs", "place", "reason"),
    [
        ("aws:s3/bucket:Bucket", {"bukcet": "lake"}, "bukcet", "has no such property; the nearest is bucket"),
        (SSE, {"bucket": "lake"}, "rules", "needs it and it is missing"),
        (SSE, {"bucket": "lake", "rules": {}}, "rules", "is {}, must be list of object"),
        (
            SSE,
            {"bucket": "lake", "rules": [{}, {"applyServerSideEncryptionByDefault": {"sseAlgoritm": "AES256"}}]},
            "rules[1].applyServerSideEncryptionByDefault.sseAlgoritm",
            "has no such property; the nearest is sseAlgorithm",
        ),
        (SSE, {"bucket": "a", "rules": [{"bucketKeyEnabled": "true"}]}, "rules[0].bucketKeyEnabled", "must be boolean"),
        ("aws:s3/bucket:Bucket", {"tags": {"gpus": 1}}, "tags.gpus", "is 1, must be string"),
        ("aws:s3/bucket:Bucket", {"tags": {"gpus": "x" * 200}, "acl": True}, "acl", "is True, must be string"),
        ("azure-native:storage:StorageAccount", {"kind": "StorageV2", "resourceGroupName": "a"}, "sku", "is missing"),
        (POD, container(imagePullPolicy=1), "spec.containers[0].imagePullPolicy", "must be string"),
        (POD, {**container(), "metadata": {"labels": {"tier": 1}}}, "metadata.labels.tier", "must be string"),
        (POD, {"apiVersion": "v2"}, "apiVersion", "is 'v2', must be one of 'v1'"),
        (RAY, {"apiVersion": "ray.io/v1", "kind": "RayCluster"}, "metadata", "is missing"),
        (RAY, {"apiVersion": "ray.io/v2", "kind": "RayCluster", "metadata": {}}, "apiVersion", "must be one of"),
        ("pulumi:providers:aws", {"regoin": "me-central-1"}, "regoin", "the nearest is region"),
        ("pulumi:providers:aws", {"defaultTags": '{"tgas": {}}'}, "defaultTags.tgas", "the nearest is tags"),
        ("pulumi:providers:aws", {"defaultTags": "owner"}, "defaultTags", "is 'owner', must be object"),
        ("aws:s3/bukcet:Bucket", {}, "", "no resource type of pulumi_aws; the nearest is aws:s3/bucket:Bucket"),
    ],
)
def test_wrong_inputs_are_named_with_their_place(token: str, inputs: dict[str, Any], place: str, reason: str) -> None:
    found = [problem for problem in problems(token, inputs) if problem.place == place]
    assert found
    assert reason in found[0].reason

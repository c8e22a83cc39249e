"""Seeded mistakes in nested inputs of a region's resources: each is caught at its place, before anything is asked."""

import copy
from typing import Any

import pytest

from infra.plan.check import problems

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
POOL = "aws:eks/nodeGroup:NodeGroup"
CLUSTER = "aws:eks/cluster:Cluster"
RULES = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
DAEMONS = "kubernetes:apps/v1:DaemonSet"

RIGHT: dict[str, dict[str, Any]] = {
    TEMPLATE: {
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"encrypted": "true", "volumeSize": 200}}],
        "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1},
        "networkInterfaces": [{"deviceIndex": 0, "interfaceType": "efa", "securityGroups": ["sg-1"]}],
        "capacityReservationSpecification": {"capacityReservationTarget": {"capacityReservationId": "cr-1"}},
        "tagSpecifications": [{"resourceType": "instance", "tags": {"owner": "data"}}],
    },
    POOL: {
        "clusterName": "uae",
        "nodeRoleArn": "arn:aws:iam::123456789012:role/node",
        "subnetIds": ["subnet-1"],
        "scalingConfig": {"minSize": 0, "maxSize": 4, "desiredSize": 1},
        "taints": [{"key": "gpu", "value": "true", "effect": "NO_SCHEDULE"}],
        "launchTemplate": {"id": "lt-1", "version": "1"},
        "capacityType": "ON_DEMAND",
    },
    CLUSTER: {
        "roleArn": "arn:aws:iam::123456789012:role/cluster",
        "vpcConfig": {"subnetIds": ["subnet-1"], "endpointPublicAccess": False},
        "encryptionConfig": {
            "provider": {"keyArn": "arn:aws:kms:me-central-1:123456789012:key/a"},
            "resources": ["secrets"],
        },
        "accessConfig": {"authenticationMode": "API"},
    },
    RULES: {
        "bucket": "lake",
        "rules": [{"id": "old", "status": "Enabled", "transitions": [{"days": 30, "storageClass": "STANDARD_IA"}]}],
    },
    CACHE: {
        "description": "state of Ray",
        "logDeliveryConfigurations": [
            {"destination": "a", "destinationType": "cloudwatch-logs", "logFormat": "json", "logType": "slow-log"}
        ],
        "transitEncryptionMode": "required",
    },
    DAEMONS: {
        "spec": {
            "selector": {"matchLabels": {"app": "a"}},
            "template": {"spec": {"containers": [{"name": "a", "resources": {"limits": {"nvidia.com/gpu": 1}}}]}},
        }
    },
}

GONE = object()
MISTAKES = [
    ("a misspelt property", TEMPLATE, "networkInterfaces[0].interfaceTyp", "efa"),
    ("a property of another object", TEMPLATE, "metadataOptions.encrypted", True),
    ("a number as text", TEMPLATE, "networkInterfaces[0].deviceIndex", "zero"),
    ("a boolean where it is a text", TEMPLATE, "blockDeviceMappings[0].ebs.encrypted", True),
    ("one where there is a list", TEMPLATE, "networkInterfaces[0].securityGroups", "sg-1"),
    ("a list where there is a map", TEMPLATE, "tagSpecifications[0].tags", [{"key": "owner"}]),
    ("an object where there is a list", TEMPLATE, "networkInterfaces", {"deviceIndex": 0}),
    ("a list where there is an object", TEMPLATE, "capacityReservationSpecification", [{}]),
    (
        "misspelt two levels down",
        TEMPLATE,
        "capacityReservationSpecification.capacityReservationTarget.reservation",
        "cr-1",
    ),
    ("a text where there is an object", TEMPLATE, "capacityReservationSpecification.capacityReservationTarget", "cr-1"),
    ("a number in a map of texts", TEMPLATE, "tagSpecifications[0].tags.pool", 7),
    ("a missing property", POOL, "scalingConfig.maxSize", GONE),
    ("a missing property in a list", POOL, "taints[0].effect", GONE),
    ("Kubernetes' spelling", POOL, "taints[0].effect", "NoSchedule"),
    ("a value that is nearly one", POOL, "capacityType", "ON-DEMAND"),
    ("Python's spelling", POOL, "scalingConfig.desired_size", 1),
    ("a text for a number", POOL, "scalingConfig.minSize", "none"),
    ("a list in a list", POOL, "subnetIds[0]", ["subnet-1"]),
    ("a missing object", CLUSTER, "vpcConfig", GONE),
    ("a misspelt flag", CLUSTER, "vpcConfig.endpointPublicAcess", False),
    ("the key beside its place", CLUSTER, "encryptionConfig.keyArn", "arn:aws:kms:me-central-1:123456789012:key/a"),
    ("a value that there is not", CLUSTER, "accessConfig.authenticationMode", "IAM"),
    ("a resource that is not encrypted", CLUSTER, "encryptionConfig.resources[0]", "configmaps"),
    ("a wrong state", RULES, "rules[0].status", "On"),
    ("a text for days", RULES, "rules[0].transitions[0].days", "thirty"),
    ("a singular", RULES, "rules[0].transition", {"days": 30}),
    ("a wrong format", CACHE, "logDeliveryConfigurations[0].logFormat", "xml"),
    ("another service's word", CACHE, "transitEncryptionMode", "enforced"),
    ("a container's misspelt property", DAEMONS, "spec.template.spec.containers[0].resource", {}),
    ("labels that are a list", DAEMONS, "spec.selector.matchLabels", ["app"]),
    ("a selector that is missing", DAEMONS, "spec.selector", GONE),
]


def mistaken(token: str, place: str, value: object) -> dict[str, Any]:
    """The right inputs with another value at a place."""
    made: Any = copy.deepcopy(RIGHT[token])
    *steps, last = place.replace("[", ".[").split(".")
    at = made
    for step in steps:
        at = at[int(step[1:-1])] if step.startswith("[") else at[step]
    key: Any = int(last[1:-1]) if last.startswith("[") else last
    if value is GONE:
        del at[key]
    else:
        at[key] = value
    return made


@pytest.mark.parametrize("token", RIGHT)
def test_right_inputs_are_taken(token: str) -> None:
    assert problems(token, RIGHT[token]) == []


@pytest.mark.parametrize(("what", "token", "place", "value"), MISTAKES, ids=[f"{item[0]}" for item in MISTAKES])
def test_a_mistake_is_named_at_its_place(what: str, token: str, place: str, value: object) -> None:
    found = [one.place for one in problems(token, mistaken(token, place, value))]
    assert found
    assert all(place in (one, f"{one}[0]") for one in found)


def test_there_are_twenty_of_them() -> None:
    assert len({(token, place, str(value)) for _, token, place, value in MISTAKES}) == len(MISTAKES) >= 20

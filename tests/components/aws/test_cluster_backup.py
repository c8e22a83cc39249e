"""Backups of a cluster: one bucket for its objects, snapshots of its own disks, and the rights for just that."""

from typing import Any

import pytest

from components.aws import boundary
from components.aws.cluster_backup import TAG, ClusterBackup, ClusterBackupArgs
from components.kubernetes.backups import ACCOUNT, NAMESPACE
from components.kubernetes.storage import OWNER
from tests.components.aws.iam import permits
from tests.components.aws.rig import ACCOUNT as NUMBER
from tests.components.aws.rig import Made, cluster, context, deployed, key, of_type

CONTEXT = context()
BUCKET = f"arn:aws:s3:::uae-aws-backups-{NUMBER}-me-central-1"
HERE, OWN = {"aws:RequestedRegion": CONTEXT.region}, {"aws:ResourceAccount": NUMBER}
VOLUME, SNAPSHOT = CONTEXT.arn("ec2", "volume/vol-1"), f"arn:aws:ec2:{CONTEXT.region}::snapshot/snap-1"
OURS = {f"aws:ResourceTag/{TAG}": "uae-aws", "aws:ResourceTag/velero.io/backup": "ray-1"}
ASKED = {f"aws:RequestTag/{TAG}": "uae-aws", "aws:RequestTag/velero.io/backup": "ray-1"}


@pytest.fixture(scope="module")
def made() -> dict[str, Made]:
    args = ClusterBackupArgs(
        context=CONTEXT,
        cluster=cluster(),
        key=key("storage"),
        log_bucket="uae-aws-logs",
        noncurrent_days=90,
        boundary=boundary.policy_arn(CONTEXT),
    )
    return deployed(lambda: ClusterBackup("backup", args))


@pytest.fixture(scope="module")
def rights(made: dict[str, Made]) -> dict[str, Any]:
    documents = [made[name].document("policy") for name in made if name.endswith("rights")]
    return {"Statement": [statement for one in documents for statement in one["Statement"]]}


def test_its_bucket_is_sealed_with_the_regions_key_and_keeps_versions(made: dict[str, Made]) -> None:
    [bucket] = of_type(made, "aws:s3/bucket:Bucket")
    assert f"arn:aws:s3:::{bucket.inputs['bucket']}" == BUCKET
    assert (bucket.protect, bucket.retain) == (True, True)
    [seal] = of_type(made, "BucketServerSideEncryptionConfiguration")
    [rule] = seal.inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"] == key("storage").arn
    [versions] = of_type(made, "BucketVersioning")
    assert versions.inputs["versioningConfiguration"] == {"status": "Enabled"}
    [life] = of_type(made, "BucketLifecycleConfiguration")
    assert life.inputs["rules"][0]["noncurrentVersionExpiration"] == {"noncurrentDays": 90}


def test_it_is_veleros_pods_that_take_the_role_and_none_go_beyond_the_boundary(made: dict[str, Made]) -> None:
    [association] = of_type(made, "PodIdentityAssociation")
    assert (association.inputs["namespace"], association.inputs["serviceAccount"]) == (NAMESPACE, ACCOUNT)
    [role] = of_type(made, "aws:iam/role:Role")
    assert role.inputs["permissionsBoundary"] == boundary.policy_arn(CONTEXT)


def test_it_reads_and_writes_its_bucket_and_ends_no_version(rights: dict[str, Any]) -> None:
    for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"):
        assert permits(rights, action, f"{BUCKET}/backups/ray-1/velero-backup.json", OWN)
        assert permits(boundary.policy(CONTEXT), action, f"{BUCKET}/x", HERE)
        assert not permits(rights, action, "arn:aws:s3:::uae-aws-artifacts/models/1", OWN)
        assert not permits(rights, action, f"{BUCKET}/x", {"aws:ResourceAccount": "999999999999"})
    assert permits(rights, "s3:ListBucket", BUCKET, OWN, {"s3:prefix": "backups/"})
    for action in ("s3:DeleteObjectVersion", "s3:PutBucketPolicy", "s3:PutLifecycleConfiguration"):
        assert not permits(rights, action, f"{BUCKET}/x", OWN)


def test_disks_are_marked_as_its_rights_ask_for() -> None:
    assert OWNER == TAG


@pytest.mark.parametrize(
    ("action", "resource", "keys"),
    [
        ("ec2:CreateSnapshot", VOLUME, {f"aws:ResourceTag/{TAG}": "uae-aws"}),
        ("ec2:CreateSnapshot", SNAPSHOT, ASKED),
        ("ec2:CreateTags", SNAPSHOT, ASKED | {"ec2:CreateAction": "CreateSnapshot"}),
        ("ec2:DeleteSnapshot", SNAPSHOT, OURS),
        ("ec2:CreateVolume", SNAPSHOT, OURS),
        ("ec2:CreateVolume", VOLUME, ASKED),
        ("ec2:CreateTags", VOLUME, ASKED | {"ec2:CreateAction": "CreateVolume"}),
    ],
)
def test_it_does_to_disks_of_its_own_stack_what_a_backup_needs(
    rights: dict[str, Any], action: str, resource: str, keys: dict[str, str]
) -> None:
    assert permits(rights, action, resource, keys, HERE)
    assert permits(boundary.policy(CONTEXT), action, resource, HERE)
    for missing in keys:
        assert not permits(rights, action, resource, {name: keys[name] for name in set(keys) - {missing}}, HERE)
    another = {name: value.replace("uae-aws", "another") for name, value in keys.items()}
    assert not permits(rights, action, resource, another, HERE)
    abroad = resource.replace("me-central-1", "eu-west-1")
    assert not permits(rights, action, abroad, keys)


def test_it_sees_disks_of_the_region_and_changes_no_others(rights: dict[str, Any]) -> None:
    for action in ("ec2:DescribeSnapshots", "ec2:DescribeVolumes"):
        assert permits(rights, action, "*", HERE)
        assert not permits(rights, action, "*", {"aws:RequestedRegion": "eu-west-1"})
    everything = {**OURS, **ASKED, "ec2:CreateAction": "RunInstances", **HERE}
    for action in ("ec2:DeleteVolume", "ec2:AttachVolume", "ec2:ModifySnapshotAttribute", "ec2:CopySnapshot"):
        assert not permits(rights, action, VOLUME, everything)
        assert not permits(rights, action, SNAPSHOT, everything)
    assert not permits(rights, "ec2:CreateTags", VOLUME, everything), "nobody marks a disk as the stack's afterwards"

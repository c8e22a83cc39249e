from typing import Any

import pytest

from components.aws.bucket_policy import bucket_name
from components.aws.data_stores import DATA, DataStores, DataStoresArgs
from components.aws.object_store import ObjectStore, ObjectStoreArgs
from tests.components.aws import rig


def store(*, prod: bool = True, **settings: Any) -> dict[str, rig.Made]:
    given = {"purpose": "lake", "key": rig.key("storage"), "log_bucket": "the-logs", "noncurrent_days": 90}
    args = ObjectStoreArgs(context=rig.context(prod=prod), **{**given, **settings})
    return rig.deployed(lambda: ObjectStore("lake", args))


def refused(made: dict[str, rig.Made], name: str = "lake") -> dict[str, Any]:
    return {
        one["Sid"]: one for one in made[f"{name}-policy"].document("policy")["Statement"] if one["Effect"] == "Deny"
    }


def test_a_bucket_is_sealed_versioned_closed_and_logged() -> None:
    made = store()
    bucket = made["lake-bucket"]
    assert (bucket.protect, bucket.retain, bucket.inputs["forceDestroy"]) == (True, True, False)
    assert bucket.inputs["bucket"] == "uae-aws-lake-123456789012-me-central-1"
    rule = made["lake-seal"].inputs["rules"][0]
    assert rule["bucketKeyEnabled"] is True
    assert rule["applyServerSideEncryptionByDefault"] == {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": rig.key("storage").arn,
    }
    assert made["lake-versions"].inputs["versioningConfiguration"] == {"status": "Enabled"}
    private = {name: value for name, value in made["lake-private"].inputs.items() if name != "bucket"}
    assert set(private.values()) == {True}
    assert len(private) == 4
    assert made["lake-owner"].inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    assert (made["lake-log"].inputs["targetBucket"], made["lake-log"].inputs["targetPrefix"]) == ("the-logs", "lake/")
    assert all("lake-bucket" in one.depends_on for name, one in made.items() if name not in ("lake", "lake-bucket"))


@pytest.mark.parametrize("prod", [True, False])
def test_a_bucket_that_outlives_its_stack_keeps_its_seal_and_policy(prod: bool) -> None:
    made = store(prod=prod, lock_days=400)
    del made["lake"]
    assert {(one.protect, one.retain) for one in made.values()} == {(prod, prod)}


def test_the_policy_refuses_plain_text_old_tls_others_and_foreign_keys() -> None:
    said = refused(store())
    assert said["NoPlainText"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert said["NoOldTls"]["Condition"] == {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    assert said["NobodyElse"]["Condition"]["StringNotEquals"] == {"aws:PrincipalAccount": rig.ACCOUNT}
    key = said["NoForeignKey"]["Condition"]["ArnNotLike"]["s3:x-amz-server-side-encryption-aws-kms-key-id"]
    assert key == f"arn:aws:kms:{rig.REGION}:{rig.ACCOUNT}:key/*"
    # What names no seal gets the bucket's: it is not refused.
    assert said["NoOtherSeal"]["Condition"]["Null"] == {"s3:x-amz-server-side-encryption": "false"}


@pytest.mark.parametrize(("prod", "mode"), [(True, "COMPLIANCE"), (False, "GOVERNANCE")])
def test_a_lock_holds_for_its_days(prod: bool, mode: str) -> None:
    made = store(prod=prod, purpose="audit", lock_days=400, writers=["cloudtrail"])
    assert made["lake-bucket"].inputs["objectLockEnabled"] is True
    assert made["lake-lock"].inputs["rule"] == {"defaultRetention": {"mode": mode, "days": 400}}
    assert made["lake-lock"].depends_on == {"lake-bucket", "lake-versions"}
    assert "lake-lock" not in store()


def test_services_write_for_this_account_only() -> None:
    made = store(purpose="audit", writers=["cloudtrail"])
    allowed = [one for one in made["lake-policy"].document("policy")["Statement"] if one["Effect"] == "Allow"]
    assert {one["Principal"]["Service"] for one in allowed} == {"cloudtrail.amazonaws.com"}
    trail = f"arn:aws:cloudtrail:{rig.REGION}:{rig.ACCOUNT}:trail/*"
    assert all(one["Condition"]["ArnLike"]["aws:SourceArn"] == trail for one in allowed)


def test_objects_expire_and_leave_nothing_behind() -> None:
    rule = store(expire_days=30)["lake-life"].inputs["rules"][0]
    assert (rule["expiration"], rule["noncurrentVersionExpiration"]) == ({"days": 30}, {"noncurrentDays": 90})
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert "expiration" not in store()["lake-life"].inputs["rules"][0]


def test_a_name_that_s3_would_refuse_is_refused() -> None:
    with pytest.raises(ValueError, match="name the stack with 27 or fewer"):
        bucket_name(rig.context(stack="a-stack-with-a-very-long-name-for-it"), "artifacts")
    assert len(bucket_name(rig.context(stack="a" * 27), "artifacts")) == 63


def test_a_regions_stores_and_their_logs() -> None:
    built: list[DataStores] = []
    args = DataStoresArgs(
        context=rig.context(),
        key=rig.key("storage"),
        audit_key=rig.key("audit"),
        lock_days=400,
        noncurrent_days=90,
        log_days=400,
    )
    made = rig.deployed(lambda: built.append(DataStores("stores", args)))
    stores = built[0].stores
    assert set(stores) == {*DATA, "audit", "logs"}
    assert {purpose: store.key.id for purpose, store in stores.items()} == {
        **dict.fromkeys(DATA, "storage"),
        "audit": "audit",
        "logs": "audit",
    }
    logs = rig.known(stores["logs"].name)
    for purpose in ("audit", *DATA):
        assert made[f"stores-{purpose}-log"].inputs["targetBucket"] == logs
    # S3 writes access logs neither into a bucket that logs itself there nor into one with a key of KMS or a lock.
    assert "stores-logs-log" not in made
    assert "stores-logs-lock" not in made
    default = made["stores-logs-seal"].inputs["rules"][0]["applyServerSideEncryptionByDefault"]
    assert default == {"sseAlgorithm": "AES256"}
    assert "NoOtherSeal" not in refused(made, "stores-logs")
    assert {name for name in made if name.endswith("-lock")} == {"stores-audit-lock"}

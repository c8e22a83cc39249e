import json
from typing import Any

from components.aws.keys import alias
from components.aws.state_backend import StateBackend, StateBackendArgs, backend_url, secrets_provider
from tests.components.aws import rig

ROOT = f"arn:aws:iam::{rig.ACCOUNT}:root"
CI = f"arn:aws:iam::{rig.ACCOUNT}:role/ci"


def backend(*users: str) -> dict[str, rig.Made]:
    args = StateBackendArgs(
        context=rig.context(stack="falaj"),
        rotation_days=365,
        deletion_days=30,
        noncurrent_days=90,
        log_days=400,
        users=users,
    )
    return rig.deployed(lambda: StateBackend("backend", args))


def test_a_state_is_sealed_kept_in_versions_and_its_readers_are_known() -> None:
    made = backend()
    bucket = made["backend-store-bucket"]
    assert (bucket.inputs["bucket"], bucket.protect) == (f"falaj-state-{rig.ACCOUNT}-{rig.REGION}", True)
    assert made["backend-store-versions"].inputs["versioningConfiguration"] == {"status": "Enabled"}
    default = made["backend-store-seal"].inputs["rules"][0]["applyServerSideEncryptionByDefault"]
    assert default["sseAlgorithm"] == "aws:kms"
    assert made["backend-store-log"].inputs["targetBucket"] == made["backend-logs-bucket"].inputs["bucket"]
    assert "backend-store-lock" not in made  # a state is written over and over


def secrets_policy(*users: str) -> list[dict[str, Any]]:
    return backend(*users)["backend-secrets"].document("policy")["Statement"]


def test_who_reads_a_state_does_not_open_its_secrets_by_that() -> None:
    made = backend()
    sealed = made["backend-store-seal"].inputs["rules"][0]["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"]
    assert sealed != made["backend-secrets-alias"].inputs["targetKeyId"]
    used = [one for one in made["backend-keys-storage"].document("policy")["Statement"] if "Decrypt" in str(one)]
    assert all("kms:ViaService" in json.dumps(one["Condition"]) for one in used)


def test_the_named_use_the_key_of_secrets_and_the_account_administers_it() -> None:
    administer, use = secrets_policy(CI)
    assert administer["Principal"] == {"AWS": ROOT}
    assert not {"kms:Decrypt", "kms:Encrypt"} & set(administer["Action"])
    assert use["Principal"] == {"AWS": [CI]}
    assert "kms:Decrypt" in use["Action"]
    assert secrets_policy()[1]["Principal"] == {"AWS": ROOT}


def test_pulumi_is_told_where_without_asking_anybody() -> None:
    context = rig.context(stack="falaj")
    bucket = f"falaj-state-{rig.ACCOUNT}-{rig.REGION}"
    assert backend_url(context) == f"s3://{bucket}?region={rig.REGION}&awssdk=v2"
    assert secrets_provider(context) == f"awskms://{alias(context, 'secrets')}?region={rig.REGION}"
    assert backend()["backend-secrets-alias"].inputs["name"] == alias(context, "secrets")

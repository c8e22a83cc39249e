import json
from typing import Any

import pytest

from components.aws.key_policy import PURPOSES, policy
from components.aws.keys import Keys, KeysArgs, alias
from tests.components.aws import rig

ROOT = f"arn:aws:iam::{rig.ACCOUNT}:root"


def keys(purposes: tuple[str, ...] = PURPOSES, **facts: Any) -> tuple[Keys, dict[str, rig.Made]]:
    built: list[Keys] = []
    args = KeysArgs(context=rig.context(**facts), purposes=purposes, rotation_days=365, deletion_days=30)
    made = rig.deployed(lambda: built.append(Keys("keys", args)))
    return built[0], made


def test_every_purpose_has_a_rotated_key_of_its_own_and_an_alias() -> None:
    built, made = keys()
    assert set(made) == {"keys"} | {f"keys-{one}{of}" for one in PURPOSES for of in ("", "-alias")}
    assert set(built.keys) == set(PURPOSES)
    assert len({rig.known(key.arn) for key in built.keys.values()}) == len(PURPOSES)
    for purpose in PURPOSES:
        key = made[f"keys-{purpose}"].inputs
        assert (key["enableKeyRotation"], key["rotationPeriodInDays"], key["deletionWindowInDays"]) == (True, 365, 30)
        assert (key["multiRegion"], key["tags"]["purpose"]) == (False, purpose)
        assert made[f"keys-{purpose}-alias"].inputs["targetKeyId"] == rig.known(built.keys[purpose].id)
        assert (
            made[f"keys-{purpose}-alias"].inputs["name"] == alias(rig.context(), purpose) == f"alias/uae-aws-{purpose}"
        )


@pytest.mark.parametrize("prod", [True, False])
def test_keys_outlive_a_production_stack_only(prod: bool) -> None:
    key = keys(("storage",), prod=prod)[1]["keys-storage"]
    assert (key.protect, key.retain) == (prod, prod)


def statements(purpose: str) -> list[dict[str, Any]]:
    return policy(rig.context(), purpose)["Statement"]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_who_administers_a_key_does_not_use_it(purpose: str) -> None:
    administer, *others = statements(purpose)
    assert administer["Principal"] == {"AWS": ROOT}
    assert "kms:PutKeyPolicy" in administer["Action"]
    used = {"kms:Decrypt", "kms:Encrypt", "kms:CreateGrant", "kms:ReplicateKey"}
    assert not used & set(administer["Action"])
    assert not any("*" in action for action in administer["Action"])
    assert not any("kms:PutKeyPolicy" in one["Action"] for one in others)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_everybody_is_somebody_of_the_account_by_way_of_the_service(purpose: str) -> None:
    for one in statements(purpose)[1:]:
        condition = json.dumps(one["Condition"])
        assert rig.ACCOUNT in condition or one["Principal"] == {"AWS": ROOT}
        if one["Principal"] == {"AWS": "*"}:
            assert one["Condition"]["StringEquals"]["kms:CallerAccount"] == rig.ACCOUNT
            assert "kms:ViaService" in condition or "aws:PrincipalArn" in condition
        services = one["Condition"].get("StringEquals", {}).get("kms:ViaService", [])
        assert all(service.endswith(f".{rig.REGION}.amazonaws.com") for service in services)


def services(purpose: str) -> set[str]:
    return {one["Principal"]["Service"] for one in statements(purpose) if "Service" in one["Principal"]}


def test_services_that_write_by_themselves_are_let_in_where_they_write() -> None:
    logs = f"logs.{rig.REGION}.amazonaws.com"
    assert services("storage") == services("secrets") == services("volumes") == set()
    assert services("database") == services("cache") == {logs}
    assert {logs, "cloudtrail.amazonaws.com", "cloudwatch.amazonaws.com"} <= services("audit")


def test_node_pools_open_their_disks() -> None:
    by_role = [one for one in statements("volumes")[1:] if "ArnEquals" in one["Condition"]]
    assert [one["Sid"] for one in by_role] == ["UseByRole", "GrantByRole"]
    assert all("AWSServiceRoleForAutoScaling" in one["Condition"]["ArnEquals"]["aws:PrincipalArn"] for one in by_role)


def test_a_purpose_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no key is for 'lake': use one of storage"):
        policy(rig.context(), "lake")

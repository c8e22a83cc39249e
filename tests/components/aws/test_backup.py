from typing import Any

import pytest

from components.aws import backup
from components.aws.backup import Backup, BackupArgs
from tests.components.aws import rig


def deployed(*, prod: bool = True, **settings: Any) -> dict[str, rig.Made]:
    given: dict[str, Any] = {
        "key": rig.key("backup"),
        "schedule": "cron(0 22 * * ? *)",
        "keep_days": 35,
        "lock_days": 30,
    }
    args = BackupArgs(context=rig.context(prod=prod), **{**given, **settings})
    return rig.deployed(lambda: Backup("backup", args))


def test_the_vault_is_sealed_locked_and_lets_nothing_out() -> None:
    made = deployed()
    vault = made["backup-vault"]
    assert (vault.protect, vault.retain, vault.inputs["forceDestroy"]) == (True, True, False)
    assert vault.inputs["kmsKeyArn"] == rig.key("backup").arn
    lock = made["backup-lock"].inputs
    assert (lock["minRetentionDays"], lock["maxRetentionDays"], lock["changeableForDays"]) == (30, 91, 7)
    said = {one["Sid"]: one for one in made["backup-policy"].document("policy")["Statement"]}
    assert {one["Effect"] for one in said.values()} == {"Deny"}
    home = f"arn:aws:backup:{rig.REGION}:{rig.ACCOUNT}:backup-vault:*"
    assert said["NoCopyAbroad"]["Condition"] == {"ForAnyValue:ArnNotLike": {"backup:CopyTargets": home}}


def test_a_development_vaults_lock_can_be_lifted() -> None:
    made = deployed(prod=False)
    assert "changeableForDays" not in made["backup-lock"].inputs
    assert not made["backup-vault"].protect


def test_what_carries_the_tags_is_backed_up_here_and_nowhere_else() -> None:
    made = deployed()
    (asked,) = made["backup-selection"].inputs["selectionTags"]
    assert backup.tags(rig.context()) == {asked["key"]: asked["value"]}
    rules = {rule["ruleName"]: rule for rule in made["backup-plan"].inputs["rules"]}
    assert {name: rule["lifecycle"]["deleteAfter"] for name, rule in rules.items()} == {"daily": 35, "weekly": 91}
    assert {rule["targetVaultName"] for rule in rules.values()} == {"uae-aws"}
    assert not any("copyActions" in rule for rule in rules.values())


def test_backups_are_tried() -> None:
    made = deployed()
    assert made["backup-test"].inputs["name"] == "uae_aws_restore"
    for kind in ("EFS", "RDS"):
        chosen = made[f"backup-test-{kind.lower()}"].inputs
        assert (chosen["protectedResourceType"], chosen["restoreTestingPlanName"]) == (kind, "uae_aws_restore")
        (asked,) = chosen["protectedResourceConditions"]["stringEquals"]
        assert asked == {"key": "aws:ResourceTag/backup", "value": "uae-aws"}
    assert not [name for name in deployed(test_schedule=None) if "test" in name]


def test_the_role_is_the_services_of_this_account() -> None:
    made = deployed()
    trust = made["backup-servant-role"].document("assumeRolePolicy")["Statement"][0]
    assert trust["Principal"] == {"Service": "backup.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": rig.ACCOUNT}}
    attached = {one.inputs["policyArn"].rsplit("/", 1)[-1] for one in rig.of_type(made, "RolePolicyAttachment")}
    assert attached == {"AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"}


def test_a_lock_longer_than_backups_are_kept_is_refused() -> None:
    with pytest.raises(ValueError, match="kept 35 days and locked for 40"):
        deployed(lock_days=40)

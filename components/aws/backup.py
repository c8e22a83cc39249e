"""Backups of what cannot be made again: in a locked vault of the same region, with a key of one's own, and tried.

What carries `tags` is backed up every day and every week. Nothing is copied to another region or account.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws.context import Context
from components.aws.role import Role, RoleArgs, by_service

TAG = "backup"
_TESTED = "restore-tested"
_HOUR = 60
_CHANGEABLE_DAYS = 7
"""How long a vault's lock can still be lifted in production; AWS asks for three days or more."""
_POLICIES = (
    "service-role/AWSBackupServiceRolePolicyForBackup",
    "service-role/AWSBackupServiceRolePolicyForRestores",
)
"""What AWS documents for the service: it reads and snapshots what it backs up, and makes what it restores."""


@dataclass(frozen=True, kw_only=True)
class BackupArgs:
    context: Context
    key: contracts.Key
    schedule: str
    """Of the daily backup, UTC: `cron(0 22 * * ? *)`."""
    keep_days: int
    """How long a daily backup is kept."""
    weekly_schedule: str = "cron(0 23 ? * FRI *)"
    weekly_keep_days: int = 91
    lock_days: int
    """Shortest time that a backup is kept, whoever wants it gone; at most the daily one's."""
    test_schedule: str | None = "cron(0 20 1 * ? *)"
    """When the last backups are restored to try them, and what was restored is deleted again."""
    tested: Sequence[str] = ("EFS", "RDS")
    """The kinds of resources that are restored."""
    boundary: contracts.Text | None = None
    """ARN of the policy that no right of a role goes beyond."""


class Backup(pulumi.ComponentResource):
    """`vault` is the name of the vault."""

    vault: contracts.Text

    def __init__(self, name: str, args: BackupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Backup", name, {}, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        vault = self._vault()
        role = self._role()
        self._plan(vault, role)
        if args.test_schedule is not None:
            self._test(vault, role, args.test_schedule)
        self.vault = vault.name
        self.register_outputs({})

    def _vault(self) -> aws.backup.Vault:
        args, context = self._args, self._args.context
        keep = max(args.keep_days, args.weekly_keep_days)
        if args.lock_days > args.keep_days:
            raise ValueError(f"backups are kept {args.keep_days} days and locked for {args.lock_days}: lock fewer")
        vault = aws.backup.Vault(
            f"{self._name}-vault",
            name=context.stack,
            kms_key_arn=args.key.arn,
            force_destroy=False,
            tags=context.tagged(f"{self._name}-vault"),
            opts=context.stateful(self),
        )
        # In production nobody lifts the lock after a week, not even the account's root.
        aws.backup.VaultLockConfiguration(
            f"{self._name}-lock",
            backup_vault_name=vault.name,
            min_retention_days=args.lock_days,
            max_retention_days=keep,
            changeable_for_days=_CHANGEABLE_DAYS if context.prod else None,
            opts=context.stateful(self),
        )
        policy = json.dumps(_vault_policy(context))
        aws.backup.VaultPolicy(
            f"{self._name}-policy", backup_vault_name=vault.name, policy=policy, opts=context.stateful(self)
        )
        return vault

    def _role(self) -> Role:
        context = self._args.context
        right = RoleArgs(
            context=context,
            purpose="backup",
            trust=by_service("backup", {"StringEquals": {"aws:SourceAccount": context.account}}),
            managed=_POLICIES,
            boundary=self._args.boundary,
        )
        return Role(f"{self._name}-servant", right, self._child)

    def _plan(self, vault: aws.backup.Vault, role: Role) -> None:
        args = self._args
        often = {
            "daily": (args.schedule, args.keep_days),
            "weekly": (args.weekly_schedule, args.weekly_keep_days),
        }
        plan = aws.backup.Plan(
            f"{self._name}-plan",
            name=args.context.stack,
            rules=[_rule(name, vault.name, schedule, days) for name, (schedule, days) in often.items()],
            tags=args.context.tagged(f"{self._name}-plan"),
            opts=self._child,
        )
        chosen = aws.backup.SelectionSelectionTagArgs(type="STRINGEQUALS", key=TAG, value=args.context.stack)
        aws.backup.Selection(
            f"{self._name}-selection",
            name=args.context.stack,
            plan_id=plan.id,
            iam_role_arn=role.arn,
            selection_tags=[chosen],
            opts=self._child,
        )

    def _test(self, vault: aws.backup.Vault, role: Role, schedule: str) -> None:
        context, part = self._args.context, aws.backup
        plan = part.RestoreTestingPlan(
            f"{self._name}-test",
            name=_word(f"{context.stack}_restore"),
            schedule_expression=schedule,
            schedule_expression_timezone="Etc/UTC",
            start_window_hours=8,
            recovery_point_selection=part.RestoreTestingPlanRecoveryPointSelectionArgs(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=[vault.arn],
                recovery_point_types=["SNAPSHOT"],
                selection_window_days=30,
            ),
            tags=context.tagged(f"{self._name}-test"),
            opts=self._child,
        )
        ours = part.RestoreTestingSelectionProtectedResourceConditionsStringEqualArgs(
            key=f"aws:ResourceTag/{TAG}", value=context.stack
        )
        for kind in self._args.tested:
            part.RestoreTestingSelection(
                f"{self._name}-test-{kind.lower()}",
                name=_word(f"{context.stack}_{kind.lower()}"),
                restore_testing_plan_name=plan.name,
                iam_role_arn=role.arn,
                protected_resource_type=kind,
                protected_resource_arns=["*"],
                protected_resource_conditions=part.RestoreTestingSelectionProtectedResourceConditionsArgs(
                    string_equals=[ours]
                ),
                validation_window_hours=24,
                opts=self._child,
            )


def tags(context: Context, restore_tested: str | None = None) -> dict[str, str]:
    """What a resource carries to be backed up, and the day when a backup of it was last restored to try it."""
    return {TAG: context.stack} | ({_TESTED: restore_tested} if restore_tested else {})


def _word(text: str) -> str:
    """A name as restore tests may have one: letters, digits and underscores."""
    return re.sub(r"\W", "_", text)


def _rule(name: str, vault: pulumi.Output[str], schedule: str, days: int) -> aws.backup.PlanRuleArgs:
    return aws.backup.PlanRuleArgs(
        rule_name=name,
        target_vault_name=vault,
        schedule=schedule,
        schedule_expression_timezone="Etc/UTC",
        start_window=_HOUR,
        completion_window=12 * _HOUR,
        enable_continuous_backup=False,
        lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=days),
    )


def _vault_policy(context: Context) -> dict[str, Any]:
    """Nobody takes a backup out of the region or the account, brings one in, or deletes one by hand."""
    abroad = {"ForAnyValue:ArnNotLike": {"backup:CopyTargets": context.arn("backup", "backup-vault:*")}}
    others = {"StringNotEquals": {"aws:PrincipalAccount": context.account}}
    refused: dict[str, tuple[Any, dict[str, Any] | None]] = {
        "NoCopyAbroad": ("backup:CopyFromBackupVault", abroad),
        "NothingFromOthers": ("backup:CopyIntoBackupVault", others),
        "NoDeletion": (["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"], None),
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}
            | ({"Condition": condition} if condition else {})
            for sid, (action, condition) in refused.items()
        ],
    }

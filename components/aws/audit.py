"""Who did what, who is told, and what the account never allows: trail, alarms, threat detection, account settings."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components import contracts
from components.aws.account import Account, AccountArgs
from components.aws.alarms import Alarms, AlarmsArgs
from components.aws.context import Context
from components.aws.threat_detection import ThreatDetection, ThreatDetectionArgs
from components.aws.trail import Trail, TrailArgs


@dataclass(frozen=True, kw_only=True)
class AuditArgs:
    context: Context
    store: contracts.ObjectStore
    """The bucket of the audit trail, with Object Lock; its policy lets CloudTrail write."""
    after: Sequence[pulumi.Resource] = ()
    """The component that made the bucket: its policy must be there before the trail."""
    key: contracts.Key
    """Of the trail and of the alarms' topic."""
    log_key: contracts.Key
    log_days: int
    guardduty: bool
    """Whether GuardDuty watches; of two stacks in an account and region, one only may say so."""
    alarm_emails: Sequence[str]
    account: bool = True
    """Whether the account's own settings are this stack's to make: an administrator's right, which no pipeline has."""
    volume_key: contracts.Key
    """Seals disks for which nobody names a key."""
    boundary: contracts.Text | None = None
    """ARN of the policy that no right of a role goes beyond."""


class Audit(pulumi.ComponentResource):
    """`topic` is the ARN of the alarms' topic, `log` the name of the trail's log group."""

    topic: contracts.Text
    log: contracts.Text

    def __init__(self, name: str, args: AuditArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Audit", name, {}, opts)
        context, child = args.context, pulumi.ResourceOptions(parent=self)
        trail = TrailArgs(
            context=context,
            store=args.store,
            key=args.key,
            log_key=args.log_key,
            log_days=args.log_days,
            after=args.after,
            boundary=args.boundary,
        )
        self.log = Trail(f"{name}-trail", trail, child).log
        alarms = AlarmsArgs(context=context, log=self.log, key=args.key, emails=args.alarm_emails)
        self.topic = Alarms(f"{name}-alarms", alarms, child).topic
        if args.guardduty:
            watch = ThreatDetectionArgs(context=context, topic=self.topic)
            ThreatDetection(f"{name}-threats", watch, child)
        if args.account:
            Account(f"{name}-account", AccountArgs(context=context, volume_key=args.volume_key), child)
        self.register_outputs({})

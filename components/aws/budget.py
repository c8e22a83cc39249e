"""What the account may cost a month, and who hears of it in time.

Budgets and Cost Explorer have no region: amounts, names, tag values and the addresses of those who are told are kept by
AWS outside of the country, as every bill is. No content and no personal data of workloads is among them; name a team's
addresses, not a person's.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.context import Context
from components.contracts import Text

_SHARES = (50, 80, 100)


@dataclass(frozen=True, kw_only=True)
class BudgetArgs:
    context: Context
    monthly_usd: int
    emails: Sequence[str]
    topic: Text | None = None
    """A topic that is told too."""
    tag: tuple[str, str] | None = None
    """Counts what carries this tag only, and watches it for what is unusual. It must be activated for billing first,
    or nothing is counted: so without it the budget is the whole account's."""
    anomaly_usd: int = 50
    """Least unusual cost that is told of."""


class Budget(pulumi.ComponentResource):
    def __init__(self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Budget", name, {}, opts)
        if not args.emails and args.topic is None:
            raise ValueError("nobody is told of the budget: name an address or a topic")
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        self._limit()
        if args.tag is not None:
            self._watch(*args.tag)
        self.register_outputs({})

    def _limit(self) -> None:
        args, name = self._args, f"{self._name}-month"
        counted = aws.budgets.BudgetCostFilterArgs
        aws.budgets.Budget(
            name,
            name=f"{args.context.stack}-monthly",
            account_id=args.context.account,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(args.monthly_usd),
            limit_unit="USD",
            cost_filters=[counted(name="TagKeyValue", values=[f"user:{args.tag[0]}${args.tag[1]}"])]
            if args.tag
            else None,
            notifications=[
                *(self._told("ACTUAL", share) for share in _SHARES),
                self._told("FORECASTED", 100),
            ],
            tags=args.context.tagged(name),
            opts=self._child,
        )

    def _told(self, kind: str, share: int) -> aws.budgets.BudgetNotificationArgs:
        return aws.budgets.BudgetNotificationArgs(
            notification_type=kind,
            comparison_operator="GREATER_THAN",
            threshold=share,
            threshold_type="PERCENTAGE",
            subscriber_email_addresses=list(self._args.emails),
            subscriber_sns_topic_arns=[] if self._args.topic is None else [self._args.topic],
        )

    def _watch(self, key: str, value: str) -> None:
        args, name = self._args, f"{self._name}-unusual"
        monitor = aws.costexplorer.AnomalyMonitor(
            name,
            name=f"{args.context.stack}-unusual",
            monitor_type="CUSTOM",
            monitor_specification=json.dumps({"Tags": {"Key": key, "Values": [value], "MatchOptions": ["EQUALS"]}}),
            tags=args.context.tagged(name),
            opts=self._child,
        )
        least = aws.costexplorer.AnomalySubscriptionThresholdExpressionDimensionArgs(
            key="ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            match_options=["GREATER_THAN_OR_EQUAL"],
            values=[str(args.anomaly_usd)],
        )
        aws.costexplorer.AnomalySubscription(
            f"{name}-told",
            name=f"{args.context.stack}-unusual",
            frequency="DAILY",
            monitor_arn_lists=[monitor.arn],
            subscribers=[
                aws.costexplorer.AnomalySubscriptionSubscriberArgs(type="EMAIL", address=email) for email in args.emails
            ],
            threshold_expression=aws.costexplorer.AnomalySubscriptionThresholdExpressionArgs(dimension=least),
            tags=args.context.tagged(f"{name}-told"),
            opts=self._child,
        )

from typing import Any

import pytest

from components.aws.budget import Budget, BudgetArgs
from tests.components.aws import rig


def budget(**settings: Any) -> dict[str, rig.Made]:
    given: dict[str, Any] = {"monthly_usd": 20_000, "emails": ["fin@example.ae"]}
    args = BudgetArgs(context=rig.context(), **{**given, **settings})
    return rig.deployed(lambda: Budget("budget", args))


def test_a_month_has_a_limit_and_somebody_hears_of_it_in_time() -> None:
    month = budget(topic="arn:topic")["budget-month"].inputs
    assert (month["budgetType"], month["timeUnit"], month["limitAmount"]) == ("COST", "MONTHLY", "20000")
    told = [(one["notificationType"], one["threshold"]) for one in month["notifications"]]
    assert told == [("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)]
    assert all(one["subscriberEmailAddresses"] == ["fin@example.ae"] for one in month["notifications"])
    assert all(one["subscriberSnsTopicArns"] == ["arn:topic"] for one in month["notifications"])


def test_without_a_tag_everything_in_the_account_counts() -> None:
    made = budget()
    assert "costFilters" not in made["budget-month"].inputs
    assert set(made) == {"budget", "budget-month"}


def test_a_tag_narrows_the_budget_and_is_watched_for_what_is_unusual() -> None:
    made = budget(tag=("stack", "uae-aws"), anomaly_usd=75)
    assert made["budget-month"].inputs["costFilters"] == [{"name": "TagKeyValue", "values": ["user:stack$uae-aws"]}]
    assert made["budget-unusual"].document("monitorSpecification")["Tags"]["Values"] == ["uae-aws"]
    told = made["budget-unusual-told"].inputs
    assert told["thresholdExpression"]["dimension"]["values"] == ["75"]
    assert [one["address"] for one in told["subscribers"]] == ["fin@example.ae"]


def test_a_budget_that_nobody_hears_of_is_refused() -> None:
    with pytest.raises(ValueError, match="name an address or a topic"):
        budget(emails=[])

"""How grave an incident is: by what alarms, and whether anybody gets the model's answers."""

from typing import Literal

from workloads.lib.monitor.raised import Kind

Severity = Literal["critical", "major", "minor"]


def severity(kind: Kind, *, answers: bool, breach: bool = False) -> Severity:
    """critical: a breach of personal data, or an endpoint that fails · major: answers are wrong · minor: the rest.

    answers: the model is served, or production points at it; one that answers nobody is minor.
    """
    if breach or (answers and kind == "serving"):
        return "critical"
    return "major" if answers and kind in ("performance", "concept") else "minor"

"""Outcomes: labels that arrive late, joined to the logged predictions by request, one number a subject.

A subject, not a request, was drawn, and requests of one subject resemble each other: so each subject counts once, with
the mean over its requests. A request without a subject was drawn on its own and counts as one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from workloads.lib.serve.log import Record

Judge = Callable[[float, float], float]
"""(prediction, label) to how good it was; more is better."""


def correct(prediction: float, label: float) -> float:
    """1 when the probability is on the label's side of ½."""
    return float((prediction >= 0.5) == (label >= 0.5))


def closeness(prediction: float, label: float) -> float:
    """Minus the absolute error."""
    return -abs(prediction - label)


@dataclass(frozen=True)
class Outcomes:
    """values: {arm: {subject: mean}}. subjects: {arm: how many came}, with or without a label."""

    values: dict[str, dict[str, float]]
    subjects: dict[str, int]
    unlabelled: int
    """Requests whose label is not there yet."""
    unknown: int = field(compare=False)
    """Labels of requests that the log does not know (or that were not in the experiment)."""

    def of(self, arm: str) -> list[float]:
        """The arm's outcomes, one a subject."""
        return list(self.values.get(arm, {}).values())


def join(records: Iterable[Record], labels: Mapping[str, float], experiment: str, judge: Judge = correct) -> Outcomes:
    """The outcomes of an experiment. labels: by request id; of several the caller keeps the one it believes."""
    judged: dict[str, dict[str, list[float]]] = {}
    came: dict[str, set[str]] = {}
    seen: set[str] = set()
    unlabelled = 0
    for record in records:
        if not record["exposed"] or record["experiment"] != experiment:
            continue
        arm, request = record["arm"], record["request"]
        subject = record["subject"] or request
        came.setdefault(arm, set()).add(subject)
        if record["prediction"] is None:
            continue  # it failed, for the guardrails to judge; the champion answered
        if request not in labels:
            unlabelled += 1
            continue
        seen.add(request)
        judged.setdefault(arm, {}).setdefault(subject, []).append(judge(record["prediction"], labels[request]))
    values = {arm: {who: sum(found) / len(found) for who, found in by.items()} for arm, by in judged.items()}
    return Outcomes(values, {arm: len(who) for arm, who in came.items()}, unlabelled, len(labels.keys() - seen))

"""True performance, once labels are there, and what made it worse: other data, other answers, or another truth."""

from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from infra.errors import FalajError
from workloads.lib.monitor.drift import Drift
from workloads.lib.monitor.profile import Profile
from workloads.lib.monitor.worse import ALPHA, FLOOR, Verdict, verdict
from workloads.lib.release import quality
from workloads.lib.train.spec import Task

Cause = Literal["data", "prediction", "concept"]
HEADLINE: dict[Task, str] = {"classification": "accuracy", "regression": "mae"}


@dataclass(frozen=True)
class Performance(Verdict):
    """A true figure. kind: why it is worse, None when it is not or no drift was given.

    data: columns drifted, too · prediction: the answers alone did · concept: neither, so the same rows now come out
    otherwise.
    """

    kind: Cause | None


def performance(
    task: Task,
    truth: NDArray[Any],
    scores: NDArray[Any],
    profile: Profile,
    drift: Drift | None = None,
    *,
    metric: str | None = None,
    alpha: float = ALPHA,
    floor: float = FLOOR,
) -> Performance:
    """One figure (accuracy of a classifier, MAE of a regression, or another) of labelled rows against the profile's.

    drift: of the same window. MON-001 when the profile is of another task, MON-004 when it has no such metric; RLS-001
    as for `release.quality.figure`, one class alone included.
    """
    if task != profile.task:
        raise FalajError("MON-001", "performance", f"the profile is of a {profile.task}, the labels of a {task}")
    metric = metric or HEADLINE[task]
    profile.figure(metric)
    found = quality.figure(task, metric, truth, scores)
    judged = verdict(profile, metric, len(truth), found, alpha=alpha, floor=floor)
    kind = _cause(drift) if judged.worse and drift else None
    return Performance(**vars(judged), kind=kind)


def _cause(drift: Drift) -> Cause:
    return "data" if drift.data else "prediction" if drift.score.alarm else "concept"

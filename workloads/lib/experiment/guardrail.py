# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Guardrails: what rolls a newer arm back at once, from the request log alone, before any label is there.

Each is judged by a test at ALPHA, so that a handful of requests does not decide; with its own limit, so that a
difference too small to matter does not either. It is asked every control interval: over a day of minutes (1,440 looks)
a guardrail at the very edge of its limit may give a false alarm, one well within it does not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from scipy.stats import binomtest, ks_2samp

from workloads.lib.serve.log import Record

ALPHA = 0.0001
NO_NUMBER = "no number"
Share = Annotated[float, Field(ge=0, le=1)]


class Limits(BaseModel):
    """What a newer arm must keep."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    errors: Share = 0.01
    """Requests that failed, null predictions included."""
    nulls: Share = 0.001
    """Predictions that are no number."""
    p99_ms: Annotated[float, Field(gt=0)] = 250.0
    shift: Share = 0.2
    """Kolmogorov distance between the arm's predictions and the champion's."""


@dataclass(frozen=True)
class Breach:
    """A guardrail that does not hold: its name, what was found, and its limit."""

    name: str
    found: float
    limit: float
    p: float

    def __str__(self) -> str:
        return f"{self.name} is {self.found:.4g}, the limit {self.limit:.4g} (p = {self.p:.1e})"


def breaches(records: Iterable[Record], champion: str, arm: str, limits: Limits) -> list[Breach]:
    """Those of `arm`, from the log's records of requests in the experiment."""
    by_arm: dict[str, list[Record]] = {champion: [], arm: []}
    for record in records:
        if record["exposed"] and record["arm"] in by_arm:
            by_arm[record["arm"]].append(record)
    own = by_arm[arm]
    errors = [record["error"] for record in own]
    slow = sum(record["latency_ms"] > limits.p99_ms for record in own)
    found = [
        _share("error rate", sum(map(bool, errors)), len(own), limits.errors),
        _share("share of null predictions", errors.count(NO_NUMBER), len(own), limits.nulls),
        # If the 99th percentile is within the limit, at most one request in a hundred is over it.
        _share(f"share over {limits.p99_ms:g} ms", slow, len(own), 0.01),
        _shift(_predictions(by_arm[champion]), _predictions(own), limits.shift),
    ]
    return [breach for breach in found if breach]


def _share(name: str, count: int, of: int, limit: float) -> Breach | None:
    """Exact binomial test that the share is above the limit."""
    if not count:
        return None
    p = float(binomtest(count, of, limit, alternative="greater").pvalue)
    return Breach(name, count / of, limit, p) if p < ALPHA else None


def _shift(champion: Sequence[float], own: Sequence[float], limit: float) -> Breach | None:
    """KS test, and the distance above the limit."""
    if not (champion and own):
        return None
    tested: Any = ks_2samp(champion, own)
    distance, p = float(tested.statistic), float(tested.pvalue)
    return Breach("shift of predictions", distance, limit, p) if distance > limit and p < ALPHA else None


def _predictions(records: Iterable[Record]) -> list[float]:
    return [record["prediction"] for record in records if record["prediction"] is not None]


def p99(records: Iterable[Record], arm: str) -> float:
    """The arm's 99th percentile of latency, ms; NaN without a request."""
    taken = [record["latency_ms"] for record in records if record["arm"] == arm]
    return float(np.percentile(taken, 99)) if taken else float("nan")

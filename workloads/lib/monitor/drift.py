"""Drift: whether a window's columns and answers are spread as in the reference profile.

An alarm needs both: a difference that chance does not explain at this number of rows, and one large enough to matter.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from infra.errors import FalajError
from workloads.lib.monitor import distance
from workloads.lib.monitor.bins import Frequencies, Quantiles
from workloads.lib.monitor.profile import Profile, checked
from workloads.lib.release.interval import rounded

ALPHA = 0.01
FLOOR = 0.1
"""PSI under which a shift is told and raises no alarm: the usual mark of a change that is small (Siddiqi 2006)."""

Level = Literal["none", "minor", "major"]
"""none: chance explains it · minor: it does not, and the effect is under the floor · major: it is not."""


@dataclass(frozen=True)
class Shift:
    """One column of a window against the profile.

    psi: population stability index. p: of Pearson's χ², adjusted for the number of columns (Holm). limit: the PSI that
    raises an alarm at this number of rows when the column is looked at alone. chi2: Pearson's statistic. js:
    Jensen-Shannon distance. ks, ks_p: Kolmogorov's distance and its p, None for a column that is counted by value.
    nulls, unseen: shares of the window without a value, and with one that the profile does not list.
    """

    psi: float
    p: float
    limit: float
    chi2: float
    js: float
    ks: float | None
    ks_p: float | None
    nulls: float
    unseen: float
    level: Level

    @property
    def alarm(self) -> bool:
        """Whether somebody is to look."""
        return self.level == "major"

    def judged(self, p: float, alpha: float, floor: float) -> "Shift":
        """With its adjusted p, and the level that follows."""
        return replace(self, p=p, level="none" if p > alpha else "minor" if self.psi < floor else "major")


@dataclass(frozen=True)
class Drift:
    """A window against the profile: its columns, and what the model said."""

    rows: int
    columns: dict[str, Shift]
    score: Shift

    @property
    def data(self) -> tuple[str, ...]:
        """Columns that drifted, the furthest first."""
        found = [name for name, shift in self.columns.items() if shift.alarm]
        return tuple(sorted(found, key=lambda name: -self.columns[name].psi))

    @property
    def alarms(self) -> tuple[str, ...]:
        """`data:<column>` for each column that drifted, `prediction` when the answers did."""
        return (*(f"data:{name}" for name in self.data), *(("prediction",) if self.score.alarm else ()))

    def as_dict(self) -> dict[str, Any]:
        """As JSON, alarms included."""
        told = {name: {**asdict(shift), "alarm": shift.alarm} for name, shift in self.columns.items()}
        score = {**asdict(self.score), "alarm": self.score.alarm}
        return rounded({"rows": self.rows, "columns": told, "score": score, "alarms": list(self.alarms)})


def drift(
    profile: Profile,
    columns: Mapping[str, Any],
    scores: NDArray[Any],
    *,
    alpha: float = ALPHA,
    floor: float = FLOOR,
) -> Drift:
    """A window's columns and scores against the profile.

    All columns together raise a false alarm with probability `alpha` at most, and so do the scores. MON-001 when
    a column is missing, of another length or holds another kind; MON-002 for no rows.
    """
    if not len(scores):
        raise FalajError("MON-002", "drift", f"the window has no rows, the profile of {profile.when} {profile.rows:,}")
    for name in profile.columns:
        checked(name, columns, len(scores))
    found = {name: _shift(name, bins, columns[name], alpha, floor) for name, bins in profile.columns.items()}
    adjusted = distance.holm([shift.p for shift in found.values()])
    judged = {name: found[name].judged(p, alpha, floor) for name, p in zip(found, adjusted, strict=True)}
    score = _shift("score", profile.scores, scores, alpha, floor)
    return Drift(len(scores), judged, score.judged(score.p, alpha, floor))


def _shift(name: str, bins: Frequencies | Quantiles, column: Any, alpha: float, floor: float) -> Shift:
    """Not judged yet, p of the column alone."""
    fine = [np.asarray(bins.counts), bins.count(name, column)]
    reference, window = distance.merged(*(bins.cells(counts) for counts in fine))
    m, n = int(reference.sum()), int(window.sum())
    chi2, p = distance.chi_square(reference, window)
    ks, ks_p = distance.kolmogorov(*(counts[:-1] for counts in fine)) if isinstance(bins, Quantiles) else (None, None)
    return Shift(
        psi=distance.psi(reference, window),
        p=p,
        limit=max(floor, distance.level(len(reference), m, n, alpha)),
        chi2=chi2,
        js=distance.jensen_shannon(reference, window),
        ks=ks,
        ks_p=ks_p,
        nulls=float(fine[1][-1]) / n,
        unseen=float(fine[1][-2]) / n if isinstance(bins, Frequencies) else 0.0,
        level="none",
    )

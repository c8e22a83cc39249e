# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""How right a model was, by what it said: what performance is estimated from before labels arrive."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

Floats = NDArray[np.float64]
BINS = 50


class Answers(BaseModel):
    """Rows in about `BINS` equal parts by score; equal scores share one. A number for each part, in order of score.

    rows: how many. top: the largest score. said, came: mean score and mean outcome. absolute, squared, fourth: means of
    |outcome - score| and of its second and fourth power, in powers of the target's unit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: tuple[int, ...]
    top: tuple[float, ...]
    said: tuple[float, ...]
    came: tuple[float, ...]
    absolute: tuple[float, ...]
    squared: tuple[float, ...]
    fourth: tuple[float, ...]

    @classmethod
    def of(cls, truth: NDArray[Any], score: NDArray[Any]) -> Self:
        """Of outcomes and scores, all finite, one row at least."""
        y, s = truth.astype(np.float64), score.astype(np.float64)
        top = np.unique(np.quantile(s, np.arange(1, BINS + 1) / BINS, method="inverted_cdf"))
        place, error = np.searchsorted(top, s, side="left"), np.abs(y - s)
        rows = np.bincount(place, minlength=len(top))
        sums = (np.bincount(place, values, len(top)) for values in (s, y, error, error**2, error**4))
        said, came, absolute, squared, fourth = (tuple((total / rows).tolist()) for total in sums)
        return cls(
            rows=tuple(rows.tolist()),
            top=tuple(top.tolist()),
            said=said,
            came=came,
            absolute=absolute,
            squared=squared,
            fourth=fourth,
        )

    def shares(self, score: Floats) -> Floats:
        """Share of these scores in each part; scores beyond the last count to it."""
        return np.bincount(np.searchsorted(self.top[:-1], score, side="left"), minlength=len(self.top)) / len(score)

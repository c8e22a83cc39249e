"""A figure with its 95 % interval, and what it says about a limit."""

from dataclasses import asdict, dataclass
from math import isfinite, sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Verdict = Literal["pass", "fail", "indeterminate"]
Floats = NDArray[np.float64]

Z = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""
LEVEL = (0.025, 0.975)
DIGITS = 9
"""Decimal places of figures in evidence: equal runs give equal digests."""


@dataclass(frozen=True)
class Interval:
    """A figure and the ends of its 95 % interval, in the figure's own unit."""

    value: float
    low: float
    high: float

    @classmethod
    def of_draws(cls, value: float, draws: Floats) -> "Interval":
        """The percentile interval of bootstrap draws."""
        low, high = (float(end) for end in np.quantile(draws, LEVEL))
        return cls(value, low, high)

    def at_most(self, limit: float) -> Verdict:
        """fail: the figure is over the limit · indeterminate: its interval is not all within · pass."""
        return "fail" if self.value > limit else "indeterminate" if self.high > limit else "pass"

    def at_least(self, limit: float) -> Verdict:
        """fail: the figure is under the limit · indeterminate: its interval is not all above · pass."""
        return "fail" if self.value < limit else "indeterminate" if self.low < limit else "pass"

    def as_dict(self) -> dict[str, float]:
        """{value, low, high}, rounded."""
        return {name: round(value, DIGITS) for name, value in asdict(self).items()}


def wilson(hits: int, rows: int) -> Interval:
    """A share with Wilson's interval (Wilson 1927): sensible at 0 and 1, too. `rows` is 1 or more."""
    share = hits / rows
    middle, spread = share + Z * Z / (2 * rows), Z * sqrt(share * (1 - share) / rows + Z * Z / (4 * rows * rows))
    return Interval(share, (middle - spread) / (1 + Z * Z / rows), (middle + spread) / (1 + Z * Z / rows))


def rounded(value: Any) -> Any:
    """A JSON value with its floats rounded to `DIGITS` places; what is no finite number is null."""
    match value:
        case float():
            return round(value, DIGITS) if isfinite(value) else None
        case dict():
            return {key: rounded(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [rounded(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value

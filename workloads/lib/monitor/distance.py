# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""How far two lists of counts are apart, and how likely that is when nothing changed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

EXPECTED = 5
"""Rows that a cell must be expected to hold in the smaller of both for the χ² distribution to hold (Cochran 1954)."""
SHARE = 0.01
"""Share of rows, mean of both, that makes a cell one of its own: below it the logarithm makes much of a few rows."""


def psi(reference: NDArray[Any], window: NDArray[Any]) -> float:
    """Population stability index, Σ (q - p) ln(q / p); an empty cell counts as half a row."""
    p, q = (np.maximum(counts, 0.5) / counts.sum() for counts in (reference, window))
    return float(np.sum((q - p) * np.log(q / p)))


def jensen_shannon(reference: NDArray[Any], window: NDArray[Any]) -> float:
    """Jensen-Shannon distance, 0 to 1: the root of the divergence in bits (Endres and Schindelin 2003)."""
    p, q = (counts / counts.sum() for counts in (reference, window))
    middle = (p + q) / 2
    parts = [part[part > 0] * np.log2(part[part > 0] / middle[part > 0]) for part in (p, q)]
    return float(np.sqrt(max(0.0, sum(part.sum() for part in parts) / 2)))


def chi_square(reference: NDArray[Any], window: NDArray[Any]) -> tuple[float, float]:
    """(Pearson's statistic, p) of both having come from one distribution."""
    counts = np.stack([reference, window]).astype(np.float64)
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    statistic = float(np.sum((counts - expected) ** 2 / expected))
    return statistic, float(stats.chi2.sf(statistic, len(reference) - 1)) if len(reference) > 1 else 1.0


def kolmogorov(reference: NDArray[Any], window: NDArray[Any]) -> tuple[float, float]:
    """(greatest distance of the two distribution functions at the bins' edges, p).

    In between they may be further apart, so p is at least that of the raw values. 0 and 1 when one has no rows.
    """
    m, n = int(reference.sum()), int(window.sum())
    if not m * n:
        return 0.0, 1.0
    distance = float(np.abs(np.cumsum(reference) / m - np.cumsum(window) / n).max())
    return distance, float(np.clip(stats.kstwo.sf(distance, max(1, round(m * n / (m + n)))), 0, 1))


def level(cells: int, m: int, n: int, alpha: float) -> float:
    """The PSI that samples of m and n rows of one distribution exceed with probability `alpha`.

    PSI / (1/m + 1/n) is χ² distributed with cells - 1 degrees of freedom (Yurdakul 2018).
    """
    return float(stats.chi2.isf(alpha, cells - 1)) * (1 / m + 1 / n) if cells > 1 else 0.0


def merged(reference: NDArray[Any], window: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both with neighbouring cells put together until each is expected to hold `EXPECTED` rows, and holds `SHARE`."""
    expected = (reference + window) * (min(reference.sum(), window.sum()) / (reference.sum() + window.sum()))
    share = (reference / reference.sum() + window / window.sum()) / 2
    begins, held = [0], np.zeros(2)
    for place, cell in enumerate(np.stack([expected / EXPECTED, share / SHARE], axis=1)):
        if held.min() >= 1:
            begins.append(place)
            held = np.zeros(2)
        held = held + cell
    if held.min() < 1 and len(begins) > 1:
        begins.pop()
    return np.add.reduceat(reference, begins), np.add.reduceat(window, begins)


def holm(p: Sequence[float]) -> list[float]:
    """Each p adjusted for all being looked at (Holm 1979): held against a level, that
    bounds the probability of any false alarm."""
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(np.asarray(p)[order] * np.arange(len(p), 0, -1)) if len(p) else np.empty(0)
    out = np.empty(len(p))
    out[order] = np.minimum(raised, 1.0)
    return out.tolist()

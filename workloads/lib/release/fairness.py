"""Fairness: rates by group, the gaps between groups with intervals, and what they say about the limits agreed.

Protected attributes are evidence, never inputs. The figures are those of fairlearn and AIF360, by their definitions.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.errors import FalajError
from workloads.lib.release.interval import Interval, Verdict, rounded

DRAWS = 1000
MISSING = 0.05
"""Share of rows without the attribute above which nothing is concluded about the rest."""

Cells = NDArray[np.float64]
"""Counts (…, groups, 4): true negatives, false positives, false negatives, true positives."""


def measure(
    truth: NDArray[Any], predicted: NDArray[Any], member: NDArray[Any], *, min_group: int, seed: int = 0
) -> dict[str, Any]:
    """Rates of each group, and the gaps between the groups, of one protected attribute.

    truth, predicted: (rows,) of 0 and 1. member: (rows,) the group's name, None where it is not known. Groups under
    `min_group` rows are named in `suppressed` and not judged. Intervals are percentiles of a bootstrap within each
    group; a gap is a largest difference, so chance widens it: the interval errs to the strict side.
    RLS-002 when fewer than two groups are large enough.
    """
    known = np.array([name is not None for name in member], bool)
    names, sizes = np.unique(member[known].astype(str), return_counts=True)
    judged = [str(name) for name, size in zip(names, sizes, strict=True) if size >= min_group]
    if len(judged) < 2:
        problem = f"it has {len(judged)} groups of {min_group} rows or more"
        raise FalajError("RLS-002", f"groups {', '.join(map(str, names[:9]))}", problem)
    groups = [member == name for name in judged]
    cells = np.stack([np.bincount((2 * truth[g] + predicted[g]).astype(int), minlength=4) for g in groups]).astype(
        float
    )
    random = np.random.default_rng(seed)
    drawn = np.stack([random.multinomial(int(row.sum()), row / row.sum(), DRAWS) for row in cells], axis=1).astype(
        float
    )
    found, spread = gaps(cells), gaps(drawn)
    rates = {name: of_group.tolist() for name, of_group in _rates(cells).items()}
    by_group = {
        name: {"n": int(cells[place].sum()), **{rate: values[place] for rate, values in rates.items()}}
        for place, name in enumerate(judged)
    }
    return rounded(
        {
            "groups": by_group,
            **{name: float(value) for name, value in found.items()},
            "intervals": {name: _ends(float(found[name]), draws) for name, draws in spread.items()},
            "suppressed": sorted(set(map(str, names)) - set(judged)),
            "missing": float(1 - known.mean()),
        }
    )


def gaps(cells: Cells) -> dict[str, NDArray[np.float64]]:
    """The gaps between groups; NaN where a rate has nobody to be of.

    selection_rate_ratio: least over greatest share predicted 1. demographic_parity_difference: greatest less least.
    equal_opportunity_difference: of the true positive rates. equalized_odds_difference: the greater of those of true
    and of false positive rates.
    """
    rates = _rates(cells)
    wide = {name: rate.max(axis=-1) - rate.min(axis=-1) for name, rate in rates.items()}
    selected = rates["selection_rate"]
    return {
        "selection_rate_ratio": _over(selected.min(axis=-1), selected.max(axis=-1)),
        "demographic_parity_difference": wide["selection_rate"],
        "equal_opportunity_difference": wide["tpr"],
        "equalized_odds_difference": np.maximum(wide["tpr"], wide["fpr"]),
    }


def pair(truth: NDArray[Any], predicted: NDArray[Any], unprivileged: NDArray[np.bool_]) -> dict[str, float]:
    """{statistical_parity, disparate_impact, equal_opportunity}: the unprivileged group less, or over, all others."""
    ours, theirs = predicted[unprivileged].mean(), predicted[~unprivileged].mean()
    hits = [predicted[who & (truth == 1)].mean() for who in (unprivileged, ~unprivileged)]
    return {
        "statistical_parity": float(ours - theirs),
        "disparate_impact": float(ours / theirs),
        "equal_opportunity": float(hits[0] - hits[1]),
    }


def errors(truth: NDArray[Any], predicted: NDArray[Any], member: NDArray[Any], *, min_group: int) -> dict[str, Any]:
    """Of a regression: {groups: {name: {n, mae}}, mae_ratio, suppressed}; the ratio is greatest over least."""
    names, sizes = np.unique(member.astype(str), return_counts=True)
    large = {str(name): member == name for name, size in zip(names, sizes, strict=True) if size >= min_group}
    if len(large) < 2:
        problem = f"it has {len(large)} groups of {min_group} rows or more"
        raise FalajError("RLS-002", f"groups {', '.join(map(str, names[:9]))}", problem)
    missed = np.abs(truth - predicted)
    groups = {name: {"n": int(who.sum()), "mae": float(missed[who].mean())} for name, who in large.items()}
    means = [group["mae"] for group in groups.values()]
    ratio = float(_over(np.array(max(means)), np.array(min(means))))
    return rounded({"groups": groups, "mae_ratio": ratio, "suppressed": sorted(set(map(str, names)) - large.keys())})


def verdict(found: Mapping[str, Any], limits: Mapping[str, float]) -> Verdict:
    """What `measure` found against limits, {`min_…` or `max_…` and a gap's name: limit}; the worst of them.

    Indeterminate: an interval straddles its limit, a rate has nobody to be of, or too many rows lack the attribute. A
    person decides then.
    """
    verdicts: list[Verdict] = ["indeterminate"] if found["missing"] > MISSING else []
    for limit, value in limits.items():
        side, name = limit.split("_", 1)
        ends = found["intervals"][name]
        if found[name] is None or None in ends.values():
            verdicts.append("indeterminate")
            continue
        gap = Interval(found[name], **ends)
        verdicts.append(gap.at_least(value) if side == "min" else gap.at_most(value))
    return "fail" if "fail" in verdicts else "indeterminate" if "indeterminate" in verdicts else "pass"


def _rates(cells: Cells) -> dict[str, NDArray[np.float64]]:
    tn, fp, fn, tp = np.moveaxis(cells, -1, 0)
    return {
        "selection_rate": _over(fp + tp, tn + fp + fn + tp),
        "tpr": _over(tp, tp + fn),
        "fpr": _over(fp, fp + tn),
        "accuracy": _over(tn + tp, tn + fp + fn + tp),
    }


def _over(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """part / whole; of nothing it is NaN."""
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _ends(value: float, draws: NDArray[np.float64]) -> dict[str, float]:
    """The interval's ends. Draws in which a rate has nobody to be of say nothing."""
    told = draws[np.isfinite(draws)]
    found = Interval.of_draws(value, told) if len(told) else Interval(value, np.nan, np.nan)
    return {"low": found.low, "high": found.high}

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Sample-ratio mismatch: whether as many subjects came to each arm as the plan sends there.

When they did not, something on the way loses the subjects of one arm, and no figure of the experiment can be believed.
"""

from collections.abc import Mapping

from scipy.stats import chisquare

from infra.errors import FalajError

LEVEL = 0.001
"""Below it the experiment is blocked."""


def mismatch(counts: Mapping[str, int], weights: Mapping[str, float]) -> float:
    """The p-value of Pearson's χ² of the subjects by arm; 1 when nobody came yet.

    EXP-001 when an arm has subjects and no weight, which no chance explains, or only one arm has a weight.
    """
    arms = [arm for arm, weight in weights.items() if weight > 0]
    if len(arms) < 2 or set(counts) - set(arms):
        raise FalajError("EXP-001", "sample ratio", f"{dict(counts)} subjects for the weights {dict(weights)}")
    found = [counts.get(arm, 0) for arm in arms]
    whole = sum(weights[arm] for arm in arms)
    if not sum(found):
        return 1.0
    return float(chisquare(found, [sum(found) * weights[arm] / whole for arm in arms]).pvalue)

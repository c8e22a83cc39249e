"""What every report says alike."""

from collections import Counter
from collections.abc import Iterable

from policies.gate.decision import Decision, Effect, Finding

ORDER: dict[Effect, int] = {"deny": 0, "advise": 1, "defer": 2, "waive": 3, "note": 4}
"""The gravest first."""
WORDS = {"deny": "denies", "advise": "advises", "defer": "left open", "waive": "waived", "note": "noted"}
SEVERITIES = ("critical", "high", "medium", "low")


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first, then by rule and resource."""
    return sorted(
        findings, key=lambda item: (ORDER[item.effect], SEVERITIES.index(item.severity), item.policy, item.urn)
    )


def name(urn: str) -> str:
    """A resource as people call it: `type name`."""
    parts = urn.split("::")
    return f"{parts[-2].rpartition('$')[2]} {parts[-1]}" if len(parts) > 3 else urn


def spans(text: str) -> list[tuple[str, bool]]:
    """The parts of a text, and whether each is a name between backticks; all of it when they do not match up."""
    parts = text.split("`")
    if len(parts) % 2 == 0 or not all(part.strip() for part in parts[1::2]):
        return [(text, False)]
    return [(part, index % 2 == 1) for index, part in enumerate(parts)]


def place(finding: Finding) -> str:
    """`file:line`, "" when it is not known."""
    return f"{finding.source.file}:{finding.source.line}" if finding.source else ""


def count(number: int, one: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def word(effect: str, number: int) -> str:
    """`1 finding denies`, `2 findings deny`: the verb."""
    return effect if number > 1 and effect in ("deny", "advise") else WORDS[effect]


def summary(decision: Decision) -> str:
    """One line: how much was judged, and what was found."""
    judged = sum(decision.coverage.evaluated.values())
    counted = Counter(finding.effect for finding in decision.findings)
    found = [f"{counted[effect]} {word(effect, counted[effect])}" for effect in ORDER if counted[effect]]
    rules = count(len(decision.coverage.evaluated), "rule")
    return f"{rules}, {count(judged, 'judgement')}: {', '.join(found) or 'nothing found'}"

"""Markdown: one comment in a pull request, the same one each time (it begins with a marker)."""

import re
from collections.abc import Sequence

from policies.gate.decision import Decision, Finding
from policies.gate.reports.common import ORDER, count, name, ordered, place, spans, summary, word

MARKER = "<!-- falaj-gate -->"
_FOLDED = ("advise", "defer", "waive", "note")
# What would end a cell, begin a code span, emphasis or a link; an underscore inside a word does not.
_SIGNS = re.compile(r"[\\|`*~]|(?<![^\W_])_|_(?![^\W_])|(?<=\])\(")
_ENTITY = re.compile(r"&(?=#?\w+;)")


def render(decisions: Sequence[Decision]) -> str:
    """All decisions, each with what denies first and the rest folded away."""
    return "\n".join([MARKER, *(_decision(item) for item in decisions)]).rstrip() + "\n"


def _decision(decision: Decision) -> str:
    verdict = "✅ allowed" if decision.allowed else "⛔ denied"
    parts = [f"### Gate: {decision.gate} of {_code(decision.stack)} {verdict}\n", f"{summary(decision)}.\n"]
    if decision.fault:
        fault = decision.fault
        parts.append(f"**FALAJ-{fault.code}** {_cell(fault.place)}: {_cell(fault.problem)}\n")
    findings = ordered(decision.findings)
    if denials := [item for item in findings if item.effect == "deny"]:
        parts.append(_table(denials))
    for effect in (item for item in ORDER if item in _FOLDED):
        if listed := [item for item in findings if item.effect == effect]:
            title = f"{count(len(listed), 'finding')} {word(effect, len(listed))}"
            parts.append(f"<details><summary>{title}</summary>\n\n{_table(listed)}\n</details>\n")
    plan = f" · plan {_code(decision.plan)}" if decision.plan else ""
    rules, asked = _code(decision.bundle.digest[:19]), _code(decision.input_digest[:19])
    parts.append(
        f"<sub>decision {_code(decision.decision_id)} · {_cell(decision.now)} · rules {rules} · input {asked}"
        f" · {_cell(decision.engine)}{plan}</sub>\n"
    )
    return "\n".join(parts)


def _table(findings: Sequence[Finding]) -> str:
    rows = [
        f"| **{item.policy}** {item.severity} | {_code(name(item.urn))} | {_cell(item.message)} "
        f"| {_prose(_fix(item))} | {_cell(place(item))} |"
        for item in findings
    ]
    return "\n".join(["| rule | what | found | fix | where |", "|---|---|---|---|---|", *rows, ""])


def _fix(finding: Finding) -> str:
    return f"waived by {finding.waived_by}" if finding.waived_by else finding.remediation


def _cell(text: str) -> str:
    """Text that stays in its cell and is no markup: what users wrote may look like some."""
    return _escaped(_line(text))


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\g<0>", _ENTITY.sub("&amp;", text).replace("<", "&lt;"))


def _code(text: str) -> str:
    """The same in a code span, where nothing can be escaped: what would end the span or the cell is put otherwise."""
    return f"`{_line(text).replace('`', chr(39)).replace('|', '¦') or '-'}`"


def _prose(text: str) -> str:
    """What rules say of themselves, in which `names` stand between backticks."""
    return "".join(_code(part) if code else _escaped(part) for part, code in spans(_line(text)))


def _line(text: str) -> str:
    return " ".join(text.split())

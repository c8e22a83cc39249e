"""HTML: one page that needs nothing from anywhere, for whoever reads a decision without a terminal."""

from collections.abc import Iterable, Sequence
from html import escape

from policies.gate.decision import Decision, Finding
from policies.gate.reports.common import WORDS, name, ordered, place, spans, summary

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Falaj gate</title><style>
:root { color-scheme: light dark; --line: light-dark(#d9dde3, #343a42); --dim: light-dark(#5b6470, #98a2ae);
  --deny: light-dark(#b42318, #ff8a7a); --allow: light-dark(#10703c, #5fd08d); --warn: light-dark(#8a5a00, #e5b454);
  --card: light-dark(#fff, #1b1f24); }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; background: light-dark(#f5f6f8, #121519); }
main { max-width: 1080px; margin: 0 auto; padding: 2rem 1.25rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin: 0 0 .25rem; } p { margin: .25rem 0 .75rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem;
  margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; } td, th { text-align: left; vertical-align: top;
  padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); } th { font-weight: 600; color: var(--dim); }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; } .dim { color: var(--dim); }
.deny { color: var(--deny); font-weight: 600; } .allow { color: var(--allow); font-weight: 600; }
.advise { color: var(--warn); font-weight: 600; }
ul { margin: .25rem 0; padding-left: 1.1rem; } summary { cursor: pointer; color: var(--dim); }
.wide { overflow-x: auto; } .rule, .where { white-space: nowrap; } .where code { overflow-wrap: normal; }
.what { min-width: 14rem; } .found { min-width: 18rem; } details p { overflow-wrap: anywhere; }
@media (max-width: 720px) { table, tbody, tr, td { display: block; min-width: 0; } tr:has(th) { display: none; }
  tr { border-top: 1px solid var(--line); padding: .5rem 0; } td { border: 0; padding: .15rem 0; }
  .where { white-space: normal; } }
</style></head><body><main><h1>Falaj gate</h1>
"""
_FOOT = "</main></body></html>\n"


def render(decisions: Sequence[Decision]) -> str:
    """A section per decision: verdict, findings with controls and fix, coverage, and what identifies the decision."""
    return _HEAD + "".join(_decision(item) for item in decisions) + _FOOT


def _decision(decision: Decision) -> str:
    kind = "allow" if decision.allowed else "deny"
    verdict = "allowed" if decision.allowed else "denied"
    parts = [
        f'<section><h2>{escape(decision.gate)} of {escape(decision.stack)}: <span class="{kind}">{verdict}</span></h2>',
        f'<p class="dim">{escape(summary(decision))}</p>',
    ]
    if decision.fault:
        said = f"FALAJ-{decision.fault.code} {decision.fault.place}: {decision.fault.problem}"
        parts.append(f'<p class="deny">{escape(said)}</p>')
    if decision.findings:
        rows = "".join(map(_finding, ordered(decision.findings)))
        parts.append(
            f'<div class="wide"><table>{_row(["rule", "what", "found and fix", "where"], "th")}{rows}</table></div>'
        )
    parts.append(_coverage(decision))
    parts.append(_facts(decision))
    return "".join(parts) + "</section>\n"


def _finding(finding: Finding) -> str:
    kind = finding.effect if finding.effect in ("deny", "advise") else "dim"
    by = f" by {finding.waived_by}" if finding.waived_by else ""
    controls = "".join(
        f"<li>{escape(item.framework)} {escape(item.reference)} {escape(item.title)} "
        f'<span class="dim">({item.status}; {escape(item.source)})</span></li>'
        for item in finding.controls
    )
    rule = (
        f'<b>{escape(finding.policy)}</b><br><span class="dim">{finding.severity}</span><br>'
        f'<span class="{kind}">{WORDS[finding.effect]}{escape(by)}</span>'
    )
    found = (
        f'{escape(finding.message)}<p class="dim">{_prose(finding.remediation)}</p>'
        f"<details><summary>controls and inputs</summary><ul>{controls}</ul>"
        f'<code class="dim">inputs {escape(finding.inputs)}</code></details>'
    )
    type_, _, named = name(finding.urn).partition(" ")
    subject = f'<code>{escape(named)}</code><br><code class="dim">{escape(type_)}</code>'
    if not named:
        subject = f"<code>{escape(type_)}</code>"
    what = f"{escape(finding.title)}<br>{subject}"
    where = f"<code>{escape(place(finding))}</code>"
    cells = {"rule": rule, "what": what, "found": found, "where": where}
    return "<tr>" + "".join(f'<td class="{key}">{cell}</td>' for key, cell in cells.items()) + "</tr>"


def _prose(text: str) -> str:
    """What rules say of themselves, in which `names` stand between backticks."""
    return "".join(f"<code>{part}</code>" if code else part for part, code in spans(escape(text)))


def _coverage(decision: Decision) -> str:
    judged = ", ".join(f"{policy} ({number})" for policy, number in decision.coverage.evaluated.items()) or "nothing"
    silent = ", ".join(decision.coverage.not_applicable) or "none"
    return (
        f"<details><summary>coverage</summary><p>Judged: {escape(judged)}.</p>"
        f"<p>About nothing here: {escape(silent)}.</p></details>"
    )


def _facts(decision: Decision) -> str:
    facts = {
        "decision": decision.decision_id,
        "time": decision.now,
        "profile": f"{decision.profile}, jurisdiction {decision.jurisdiction or '-'}, regime {decision.regime or '-'}",
        "author": decision.author or "-",
        "approved by": ", ".join(decision.approvals) or "-",
        "waivers": ", ".join(decision.waivers) or "-",
        "rules": decision.bundle.digest,
        "input": decision.input_digest,
        "plan": decision.plan or "-",
        "engine": f"{decision.engine}, {decision.duration_ms:.0f} ms",
    }
    rows = "".join(_row([escape(key), f"<code>{escape(value)}</code>"]) for key, value in facts.items())
    return f"<details><summary>record</summary><table>{rows}</table></details>"


def _row(cells: Iterable[str], tag: str = "td") -> str:
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"

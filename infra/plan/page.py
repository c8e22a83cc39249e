"""A plan as one page that needs nothing from anywhere: the architecture, what changes, its costs, the verdict."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from infra.plan.bill import NOTES, Bill, Line
from infra.plan.change import Change
from infra.plan.graph import svg
from infra.plan.outcome import Outcome
from infra.plan.part import Part, named, short
from infra.plan.price import Span
from policies.gate.decision import Decision
from policies.gate.reports.common import WORDS, ordered, place, spans, summary

_STYLE = Path(__file__).with_suffix(".css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_HEAD = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
)
_LEGEND = (
    "A box stands to the right of what it needs; what it needs through another one is not drawn. The bar is the "
    "gravest change in it: green is created, yellow updated, red replaced or deleted."
)
_GRAVEST = ("delete", "replace", "update", "create", "import")
_EFFECTS = {"deny": "bad", "advise": "warn"}
_TONE = {"create": "good", "update": "warn", "import": "warn", "replace": "bad", "delete": "bad"}


def render(outcome: Outcome) -> str:
    """The page."""
    changed = [one for one in outcome.resources.values() if one.operation in _TONE]
    only_new = all(one.operation == "create" for one in changed)
    return "".join(
        [
            f"{_HEAD}<title>{escape(outcome.stack)}: plan</title><style>{_STYLE.read_text()}</style></head>",
            f"<body><main>{_title(outcome)}",
            *(f'<p class="warn">{escape(said)}</p>' for said in outcome.lacking),
            f'<h2>Architecture</h2><div class="card">{_graph(outcome)}</div><p class="dim">{_LEGEND}</p>',
            "" if only_new else f'<h2>Changes</h2><div class="card">{_changes(changed)}</div>',
            f'<h2>Costs</h2><div class="card">{_costs(outcome.bill)}</div><p class="dim">{escape(NOTES)}</p>',
            f'<h2>Verdict</h2><div class="card">{_verdict(outcome.decision)}</div>',
            f'<h2>Components</h2><div class="card">{_components(outcome.parts)}</div></main></body></html>\n',
        ]
    )


def _title(outcome: Outcome) -> str:
    allowed = outcome.decision.allowed
    doing = [
        f'<span><b class="{_TONE[name]}">{number}</b> to {name}</span>'
        for name, number in outcome.operations.items()
        if name in _TONE
    ]
    usd, watts = outcome.bill.usd, outcome.bill.watts
    facts = [
        f"<span><b>{len(outcome.resources)}</b> resources</span>",
        *(doing or ["<span>nothing to do</span>"]),
        f"<span><b>${usd.planned:,.0f}</b> a month{_range(usd)}</span>",
        _power(outcome.bill) if watts.planned else "",
        f'<span>gate <b class="{"good" if allowed else "bad"}">{"allowed" if allowed else "denied"}</b></span>',
        f"<span>planned in {outcome.seconds:.1f} s</span>",
    ]
    return f'<h1>Plan of {escape(outcome.stack)}</h1><p class="facts">{"".join(facts)}</p>'


def _power(found: Bill) -> str:
    machines, building = found.watts.planned / 1000, found.facility.planned / 1000
    carbon = f"<span><b>{found.carbon.planned:,.1f} t</b> CO2 a month</span>"
    return f"<span><b>{machines:,.1f} kW</b> ({building:,.1f} with cooling)</span>{carbon}"


def _graph(outcome: Outcome) -> str:
    costs: dict[str, float] = {}
    homes = {member.urn: part.urn for part in outcome.parts for member in part.members}
    for item in outcome.bill.items:
        home = homes.get(item.change.urn, "")
        costs[home] = costs.get(home, 0) + item.price.usd.planned
    notes = {part.urn: f"${costs[part.urn]:,.0f}" if part.urn in costs else "" for part in outcome.parts}
    return svg(outcome.parts, notes, {part.urn: _gravest(part) for part in outcome.parts})


def _gravest(part: Part) -> str:
    doing = {member.operation for member in part.members}
    return next((name for name in _GRAVEST if name in doing), "same")


def _changes(changed: Iterable[Change]) -> str:
    rows: list[list[str]] = []
    for one in changed:
        lines = [
            f"<code>{escape(item.path)}</code>: {escape(item.old)} → {escape(item.new)}"
            + (' <span class="bad">replaces it</span>' if item.replaces else "")
            for item in one.properties
        ]
        if one.protected and one.operation in ("delete", "replace"):
            lines.insert(0, '<span class="bad">protected: the engine refuses this</span>')
        word = f'<span class="{_TONE[one.operation]}">{one.operation}</span>'
        rows.append([word, escape(one.name), f'<code class="dim">{escape(short(one.type))}</code>', "<br>".join(lines)])
    return _table(["", "resource", "type", "what changes"], rows)


def _costs(found: Bill) -> str:
    if not found.items and not found.unknown:
        return "Nothing here has a price."
    rows = [_cost(line) for line in found.lines]
    rows += [
        [escape(named(names)), '<span class="warn">unknown</span>', "", "", f"{escape(short(type_))}: {escape(reason)}"]
        for (type_, reason), names in found.gaps.items()
    ]
    return _table(["", "USD a month", "least to most", "watts", "for"], rows, right=(1, 2, 3))


def _cost(line: Line) -> list[str]:
    usd, count = line.usd, f"{len(line.names)} x " if len(line.names) > 1 else ""
    return [
        escape(named(line.names)),
        f"{usd.planned:,.2f}",
        _range(usd).strip(" ()"),
        f"{line.watts.planned:,.0f}" if line.watts else "",
        f"{count}{escape(line.basis)}{'' if line.listed else ', <span class=dim>estimated</span>'}",
    ]


def _range(span: Span) -> str:
    return "" if span.least == span.most else f" ({span.least:,.0f} to {span.most:,.0f})"


def _components(parts: Sequence[Part]) -> str:
    names = {part.urn: part.name for part in parts}
    rows = [
        [
            f'{escape(part.kind)}<br><span class="dim">{escape(part.name)}</span>',
            ", ".join(
                f"{escape(name)} x{number}" if number > 1 else escape(name) for name, number in part.types.items()
            ),
            escape(", ".join(sorted(names[urn] for urn in part.needs if urn in names))) or "—",
        ]
        for part in parts
    ]
    return _table(["component", "resources", "needs"], rows)


def _verdict(decision: Decision) -> str:
    said = f"<p>{escape(summary(decision))}.</p>"
    if decision.fault:
        fault = f"FALAJ-{decision.fault.code} {decision.fault.place}: {decision.fault.problem}"
        said += f'<p class="bad">{escape(fault)}</p>'
    rows = [
        [
            f"<b>{escape(finding.policy)}</b>",
            f'<span class="{_EFFECTS.get(finding.effect, "dim")}">{WORDS[finding.effect]}</span>',
            f"<code>{escape(finding.urn.rsplit('::', 1)[-1])}</code>",
            f'{escape(finding.message)}<br><span class="dim">{_prose(finding.remediation)}</span>',
            f"<code>{escape(place(finding))}</code>",
        ]
        for finding in ordered(decision.findings)
    ]
    facts = f"decision {decision.decision_id}, rules {decision.bundle.digest}, {decision.now}"
    return (
        said
        + (_table(["rule", "", "resource", "found and fix", "where"], rows) if rows else "")
        + (f'<p class="dim"><code>{escape(facts)}</code></p>')
    )


def _prose(text: str) -> str:
    return "".join(f"<code>{part}</code>" if code else part for part, code in spans(escape(text)))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        classes = [' class="right"' if index in right else "" for index in range(len(cells))]
        return f"<tr>{''.join(f'<{tag}{of}>{cell}</{tag}>' for cell, of in zip(cells, classes, strict=True))}</tr>"

    return f"<table>{line(head, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"

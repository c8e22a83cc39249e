"""docs/policies.md and docs/controls.md, from the rules' own metadata and the control catalogue."""

from collections.abc import Iterable

from policies.gate import bundle, controls
from policies.gate.controls import Framework

_POLICIES = """\
# The rules of the gate

Generated from the METADATA of `policies/rego`; change a rule there, never here.

A rule answers *pass*, *fail* or *indeterminate* (a value is not known before apply) for every subject it is about. What
is absent, null or empty fails. *Mandatory* rules deny, *advisory* ones tell. Rules judged *with the stack* need what
stands beside a resource and are asked about whole stacks and plans; the others also about each resource before it is
made. Which controls a rule serves, and where that is written, is in [controls.md](controls.md) the other way round.

"""

_CONTROLS = """\
# Controls and the rules that serve them

Generated from `policies/controls` and the rules' metadata; change them there, never here.

A `verified` control's number and subject were read in the source named; an `unverified` one is general knowledge, or
could not be read at its source, and is to be checked before anybody relies on it. That a rule serves a control is this
project's judgement. None of this is legal advice, and no set of rules makes anybody compliant: *people* marks what no
code can check, *open* what code could check and this gate does not yet.

"""

UNKNOWN = {
    "deny": "denies",
    "defer": "is left open in a preview and denies at apply",
    "allow": "is noted",
}
_BY = {"code": "", "people": "people", "open": "**open**"}


def policies(rules: Iterable[bundle.Rule] | None = None) -> str:
    """The rules' page, in Markdown; of the packs of this checkout when no rules are given."""
    listed = _listed(rules)
    summary = _table(
        ("rule", "title", "severity", "dev", "prod"),
        ((_link(rule.id), rule.title, rule.severity, rule.level.dev, rule.level.prod) for rule in listed),
    )
    return "\n".join([_POLICIES + f"{len(listed)} rules.\n", summary, *map(_rule, listed)])


def control_matrix(rules: Iterable[bundle.Rule] | None = None, known: Iterable[Framework] | None = None) -> str:
    """The controls' page: how far each framework is served, then control by control."""
    serving: dict[str, list[str]] = {}
    for rule in _listed(rules):
        for control in rule.controls:
            serving.setdefault(control.name, []).append(rule.id)
    frameworks = list(controls.frameworks() if known is None else known)
    head = ("framework", "controls", "served by rules", "people", "open", "verified")
    summary = _table(head, (_summary(framework, serving) for framework in frameworks))
    return "\n".join([_CONTROLS, summary, *(_framework(framework, serving) for framework in frameworks)])


def _rule(rule: bundle.Rule) -> str:
    listed = _table(
        ("framework", "reference", "subject", "status", "source"),
        ((item.framework, item.reference, item.title, item.status, item.source) for item in rule.controls),
    )
    subjects = ", ".join(f"`{kind}`" for kind in rule.applies_to)
    judged = "Judged with the stack. " if rule.needs == "stack" else ""
    waiver = "" if rule.waivable else " Cannot be waived."
    return f"""\
## {rule.id}

**{rule.title}.** {rule.remediation}

About {subjects}. {judged}What is not known yet {UNKNOWN[rule.on_unknown]}. Owner: {rule.owner}.{waiver}

{listed}"""


def _summary(framework: Framework, serving: dict[str, list[str]]) -> tuple[str, ...]:
    entries = framework.controls
    served = sum(f"{framework.framework} {reference}" in serving for reference in entries)
    counted = {by: sum(entry.by == by for entry in entries.values()) for by in _BY}
    verified = sum(entry.status == "verified" for entry in entries.values())
    anchor = framework.framework.lower().replace(":", "")
    link = f"[{framework.framework}](#{anchor})"
    return (link, str(len(entries)), str(served), str(counted["people"]), str(counted["open"]), str(verified))


def _framework(framework: Framework, serving: dict[str, list[str]]) -> str:
    rows = (
        (
            reference,
            entry.title,
            ", ".join(
                f"[{rule}](policies.md#{rule.lower()})"
                for rule in serving.get(f"{framework.framework} {reference}", [])
            )
            or _BY[entry.by],
            entry.status,
            entry.why or entry.source,
        )
        for reference, entry in framework.controls.items()
    )
    note = f" {framework.note}" if framework.note else ""
    return f"""\
## {framework.framework}

{framework.title}. Source: {framework.source}.{note}

{_table(("control", "subject", "rules", "status", "remark"), rows)}"""


def _listed(rules: Iterable[bundle.Rule] | None) -> list[bundle.Rule]:
    return [rule for rule in (bundle.catalogue() if rules is None else rules) if rule.id != bundle.CANARY]


def _link(rule: str) -> str:
    return f"[{rule}](#{rule.lower()})"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)

"""docs/policies.md, from the rules' own metadata."""

from collections.abc import Iterable

from policies.gate import bundle

_HEAD = """\
# The rules of the gate

Generated from the METADATA of `policies/rego`; change a rule there, never here.

A rule answers *pass*, *fail* or *indeterminate* (a value is not known before apply) for every subject it is about. What
is absent, null or empty fails. *Mandatory* rules deny, *advisory* ones tell. A `verified` control means that its number
and subject were read in the source named; that the rule serves it is this project's judgement, and no legal advice.
"""

_UNKNOWN = {
    "deny": "denies",
    "defer": "is left open in a preview and denies at apply",
    "allow": "is noted",
}


def policies(rules: Iterable[bundle.Rule] | None = None) -> str:
    """The page, in Markdown; of the packs of this checkout when no rules are given."""
    listed = [rule for rule in (bundle.catalogue() if rules is None else rules) if rule.id != bundle.CANARY]
    summary = _table(
        ("rule", "title", "severity", "dev", "prod"),
        ((_link(rule), rule.title, rule.severity, rule.level.dev, rule.level.prod) for rule in listed),
    )
    return "\n".join([_HEAD, summary, *map(_rule, listed)])


def _rule(rule: bundle.Rule) -> str:
    controls = _table(
        ("framework", "reference", "status", "source"),
        ((control.framework, control.reference, control.status, control.source) for control in rule.controls),
    )
    subjects = ", ".join(f"`{kind}`" for kind in rule.applies_to)
    return f"""\
## {rule.id}

**{rule.title}.** {rule.remediation}

About {subjects}. What is not known yet {_UNKNOWN[rule.on_unknown]}. Owner: {rule.owner}.

{controls}"""


def _link(rule: bundle.Rule) -> str:
    return f"[{rule.id}](#{rule.id.lower()})"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)

"""`falaj gate explain`: one rule, in words."""

from typing import Any

from rich.table import Table
from rich.text import Text

from infra.cli.output import OK, emit, guarded, out
from infra.errors import FalajError
from infra.home import PROJECT


def explain(policy: str, as_json: bool) -> int:
    """Print the rule with its levels, controls and remedy, and where it and its cases are written."""
    return guarded(as_json, lambda: _explain(policy.upper(), as_json))


def _explain(policy: str, as_json: bool) -> int:
    from policies.gate import bundle
    from policies.gate.pages import UNKNOWN

    rules = {rule.id: rule for rule in bundle.catalogue()}
    if policy not in rules:
        near = [name for name in rules if name.startswith(policy[:3])]
        fix = f"Near it: {', '.join(near)}." if near else ""
        raise FalajError("GATE-025", policy, "there is no such rule", fix)
    rule, name = rules[policy], policy.lower().replace("-", "_")
    source = next(bundle.REGO.rglob(f"{name}_*.rego")).relative_to(PROJECT)
    cases = f"tests/policies/rego/{name}_test.rego"
    if as_json:
        emit({"ok": True, "rule": rule.model_dump(mode="json"), "source": str(source), "cases": cases})
        return OK
    facts: dict[str, Any] = {
        "about": ", ".join(rule.applies_to),
        "severity": rule.severity,
        "level": f"dev {rule.level.dev}, prod {rule.level.prod}",
        "not known yet": UNKNOWN[rule.on_unknown],
        "judged": "with what stands beside it" if rule.needs == "stack" else "by itself",
        "waiver": "possible" if rule.waivable else "not possible",
        "owner": rule.owner,
        "rule": source,
        "cases": cases,
    }
    out.print(Text(f"{rule.id}  {rule.title}", style="bold"))
    out.print(Text(rule.remediation))
    table = Table.grid(padding=(0, 2))
    for key, value in facts.items():
        table.add_row(Text(key, style="dim"), Text(str(value)))
    for index, control in enumerate(rule.controls):
        text = f"{control.name} {control.title} ({control.status}; {control.source})"
        table.add_row(Text("" if index else "serves", style="dim"), Text(text))
    out.print(table)
    return OK

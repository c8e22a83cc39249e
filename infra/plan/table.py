"""A plan as tables on a terminal."""

from collections.abc import Iterable
from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from infra.plan.bill import NOTES, Bill
from infra.plan.change import Change, Operation
from infra.plan.outcome import Outcome
from infra.plan.part import named, short
from infra.plan.price import Span
from policies.gate.decision import Decision
from policies.gate.reports.common import ordered, summary

SIGNS: dict[Operation, tuple[str, str]] = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("±", "red"),
    "delete": ("-", "red"),
    "import": ("=", "cyan"),
    "same": (" ", "dim"),
    "read": (" ", "dim"),
}
_WIDTH = 120
_TOLD = 160  # characters of what only advises


def show(outcome: Outcome) -> None:
    """Print it."""
    _print(outcome, Console(highlight=False))


def text(outcome: Outcome) -> str:
    """The same as plain text."""
    console = Console(file=StringIO(), width=_WIDTH, highlight=False, color_system=None)
    _print(outcome, console)
    return console.file.getvalue() if isinstance(console.file, StringIO) else ""


def _print(outcome: Outcome, console: Console) -> None:
    counts = ", ".join(f"{number} to {operation}" for operation, number in _doing(outcome).items()) or "nothing to do"
    console.print(
        Text(f"{outcome.stack}: {len(outcome.resources)} resources, {counts}", style="bold"),
        Text(f" {outcome.seconds:.1f} s", style="dim"),
    )
    console.print(_components(outcome))
    if changed := _changed(outcome):
        console.print(_changes(changed))
    found = outcome.bill
    if found.items or found.unknown:
        console.print(_costs(found))
        if found.watts.planned:
            console.print(_power(found))
        console.print(Text(NOTES, style="dim"))
    for said in outcome.lacking:
        console.print(Text(said, style="yellow"))
    console.print(_verdict(outcome))


def _doing(outcome: Outcome) -> dict[str, int]:
    return {name: number for name, number in outcome.operations.items() if name not in ("same", "read")}


def _changed(outcome: Outcome) -> list[Change]:
    """What is worth a line: everything, but in a plan that only creates, where the components say it all."""
    doing = [one for one in outcome.resources.values() if one.operation not in ("same", "read")]
    return doing if any(one.operation != "create" for one in doing) else []


def _components(outcome: Outcome) -> Table:
    table = _table("component", "", "resources")
    for part in outcome.parts:
        types = ", ".join(name if number == 1 else f"{name} x{number}" for name, number in part.types.items())
        table.add_row(part.kind, Text(part.name, style="dim"), types)
    return table


def _changes(changed: Iterable[Change]) -> Table:
    table = _table("", "resource", "type", "what changes")
    for one in changed:
        sign, style = SIGNS[one.operation]
        lines = [
            f"{item.path}: {item.old} → {item.new}{'  (replaces it)' if item.replaces else ''}"
            for item in one.properties
        ]
        if one.protected and one.operation in ("delete", "replace"):
            lines.insert(0, "protected: the engine refuses this")
        what = Text("\n".join(lines))
        table.add_row(Text(f"{sign} {one.operation}", style=style), Text(one.name), short(one.type), what)
    return table


def _costs(found: Bill) -> Table:
    table = _table("cost", "USD a month", "least to most", "watts", "for")
    for column in table.columns[1:4]:
        column.justify = "right"
    for line in found.lines:
        count = f"{len(line.names)} x " if len(line.names) > 1 else ""
        basis = f"{count}{line.basis}{'' if line.listed else ', estimated'}"
        watts = _number(line.watts.planned) if line.watts else ""
        table.add_row(Text(named(line.names, 2)), f"{line.usd.planned:,.2f}", _range(line.usd), watts, Text(basis))
    for (type_, reason), names in found.gaps.items():
        table.add_row(Text(named(names, 2)), Text("unknown", style="yellow"), "", "", f"{short(type_)}: {reason}")
    missing = f"and {len(found.unknown)} unknown" if found.unknown else ""
    table.add_section()
    total = f"{found.usd.planned:,.2f}"
    table.add_row("known together", total, _range(found.usd), _number(found.watts.planned), missing, style="bold")
    return table


def _power(found: Bill) -> str:
    machines, building = found.watts.planned / 1000, found.facility.planned / 1000
    carbon = f"{found.carbon.planned:,.1f} t CO2 a month"
    return f"power: {machines:,.1f} kW of machines, {building:,.1f} kW with cooling, {carbon}\n"


def _verdict(outcome: Outcome) -> Text:
    decision = outcome.decision
    word, style = ("allowed", "bold green") if decision.allowed else ("denied", "bold red")
    said = Text.assemble((f"gate: {word}", style), f"  {summary(decision)}\n")
    if decision.fault:
        said.append(f"  FALAJ-{decision.fault.code} {decision.fault.place}: {decision.fault.problem}\n", style="red")
    for (effect, policy, message), names in _alike(decision).items():
        told = message if effect == "deny" or len(message) < _TOLD else f"{message[:_TOLD]}…"
        said.append(f"  {effect:<6} {policy} ", style={"deny": "red", "advise": "yellow"}.get(effect, "dim"))
        said.append(f"{named(names)}: {told}\n")
    return said


def _alike(decision: Decision) -> dict[tuple[str, str, str], list[str]]:
    """Names of the resources by what a rule says of them, the gravest first."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for finding in ordered(decision.findings):
        key = (finding.effect, finding.policy, finding.message)
        found.setdefault(key, []).append(finding.urn.rsplit("::", 1)[-1])
    return found


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _range(span: Span) -> str:
    return "" if span.least == span.most else f"{span.least:,.0f} to {span.most:,.0f}"


def _number(number: float) -> str:
    return f"{number:,.0f}"

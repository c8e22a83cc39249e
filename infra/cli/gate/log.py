"""`falaj gate log`: the newest decisions."""

from collections import deque

from rich.console import Console
from rich.table import Table
from rich.text import Text

from infra.cli.output import OK, emit, guarded
from infra.judge import decision_log

tables = Console(highlight=False, width=160)
"""For tables: a terminal breaks long lines, and a pipe must not lose what is in them."""


def log(stack: str, lines: int, as_json: bool) -> int:
    """Print a line for each of the newest decisions about whole stacks, and for every resource that was denied."""
    return guarded(as_json, lambda: _log(stack, lines, as_json))


def _log(stack: str, lines: int, as_json: bool) -> int:
    from policies.gate import history

    newest = deque(
        (
            item
            for item in history.decisions(decision_log())
            if (not stack or item.stack == stack) and (item.gate != "resource" or not item.allowed)
        ),
        maxlen=lines,
    )
    if as_json:
        emit({"ok": True, "decisions": [item.model_dump(mode="json") for item in newest]})
        return OK
    table = Table(box=None, pad_edge=False)
    for head in ("decision", "when", "gate", "stack", "verdict", "code", "found"):
        table.add_column(head, no_wrap=head != "found")
    for item in newest:
        verdict = Text(item.verdict, style="green" if item.allowed else "bold red")
        found = ", ".join(sorted({finding.policy for finding in item.findings if finding.effect == "deny"}))
        code = f"FALAJ-{item.code}" if item.code else ""
        table.add_row(item.decision_id[:8], item.now[:19], item.gate, item.stack, verdict, code, found)
    tables.print(table)
    return OK

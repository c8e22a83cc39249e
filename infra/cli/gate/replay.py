"""`falaj gate replay`: what today's rules would say."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from infra.cli.gate.log import tables
from infra.cli.output import OK, done, emit, guarded
from infra.errors import FalajError
from infra.judge import decision_log, described, folder

if TYPE_CHECKING:
    from policies.gate.replay import Replay


def replay(decision: str, stack: str, state: Path | None, as_json: bool) -> int:
    """Print what would be found that was not, and the other way round. Nothing is recorded."""
    return guarded(as_json, lambda: _replay(decision, stack, state, as_json))


def _replay(name: str, stack: str, state: Path | None, as_json: bool) -> int:
    from policies.gate import history, replay

    if state:
        again = _of_state(stack, state)
    else:
        again = replay.of_record(folder(), history.find(decision_log(), name, stack=stack))
    if as_json:
        changes = [vars(change) for change in again.changes]
        then = again.then.verdict if again.then else None
        emit({"ok": True, "then": then, "now": again.now.verdict, "code": again.now.code, "changes": changes})
        return OK
    table = Table(box=None, pad_edge=False)
    for head in ("rule", "what", "then", "now", "found"):
        table.add_column(head)
    for change in again.changes:
        table.add_row(
            change.policy, change.urn.rsplit("::", 1)[-1], change.then or "-", change.now or "-", change.message
        )
    if again.changes:
        tables.print(table)
    then = f"{again.then.verdict} then, " if again.then else ""
    code = f" (FALAJ-{again.now.code})" if again.now.fault else ""
    number = len(again.changes)
    done(f"{then}{again.now.verdict} now{code}; {number} finding{' differs' if number == 1 else 's differ'}")
    return OK


def _of_state(stack: str, file: Path) -> "Replay":
    from infra.settings import load, stack_file
    from policies.gate import replay

    if not stack:
        raise FalajError("GATE-025", "--stack", "it is missing", "Name the stack whose state it is.")
    about, limits = described(stack, load(stack_file(stack)), dry_run=False)
    return replay.of_state(_deployment(file), about, limits)


def _deployment(file: Path) -> dict[str, Any]:
    """What `pulumi stack export` wrote, or a checkpoint's file. Raises GATE-025 for what is neither."""
    try:
        exported = json.loads(file.read_bytes())
        deployment = exported.get("deployment") or exported["checkpoint"]["latest"]
        if all(isinstance(item["urn"], str) and isinstance(item["type"], str) for item in deployment["resources"]):
            return deployment
        problem = "a resource of it has no URN or no type"
    except (OSError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        problem = f"it is no exported state: {type(error).__name__}"
    raise FalajError("GATE-025", str(file), problem, "Make one with `pulumi stack export`.")

"""`falaj lineage subject`: where a person's rows are and went."""

from pathlib import Path

from infra.cli.ask import ask, option
from infra.cli.lineage.graph import show
from infra.cli.output import OK, done, emit, err, guarded, out, title


def subject(person: str, html: Path | None, stack: str, as_json: bool) -> int:
    """Print the tables with rows, and what may contain them."""
    return guarded(as_json, lambda: _subject(person, html, stack, as_json))


def _subject(person: str, html: Path | None, stack: str, as_json: bool) -> int:
    found = ask("lineage", stack, "subject", person, *option("--html", html and html.resolve()))
    if as_json:
        emit({"ok": True, **found})
        return OK
    title(f"Tables with rows of this person ({len(found['rows'])})")
    for table, number in found["rows"].items():
        out.print(f"  {number:>6,}  {table}", markup=False)
    for table, why in found["unknown"].items():
        err.print(f"  could not be looked into: {table}: {why}", style="red", markup=False)
    title(f"Models made from those ({len(found['models'])})")
    for model in found["models"]:
        out.print(f"  {model}", markup=False)
    title(f"Aliases and endpoints ({len(found['pointing'])})")
    for one in found["pointing"]:
        out.print(f"  {one['kind']:<9} {one['id']}{'' if one['current'] else '  (before)'}", markup=False)
    title("Runs in between")
    show(found)
    if html:
        done(f"drawn in {html}")
    return OK

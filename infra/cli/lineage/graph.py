"""`falaj lineage list`, `upstream` and `downstream`: a graph of nodes and runs."""

from pathlib import Path
from typing import Any

from rich.text import Text

from infra.cli.ask import ask, option
from infra.cli.output import OK, done, emit, guarded, out


def graph(verb: str, node: str, html: Path | None, stack: str, as_json: bool) -> int:
    """Print a paragraph for each run, in the order they began."""
    return guarded(as_json, lambda: _graph(verb, node, html, stack, as_json))


def _graph(verb: str, node: str, html: Path | None, stack: str, as_json: bool) -> int:
    found = ask("lineage", stack, verb, *((node,) if node else ()), *option("--html", html and html.resolve()))
    if as_json:
        emit({"ok": True, **found})
        return OK
    show(found)
    if html:
        done(f"{len(found['nodes'])} nodes and {len(found['runs'])} runs are drawn in {html}")
    return OK


def show(found: dict[str, Any]) -> None:
    """The runs with what they read and made."""
    for run in sorted(found["runs"], key=lambda one: one["began"] or one["ended"]):
        state = {"COMPLETE": "complete", "FAIL": "failed"}.get(run["state"], "incomplete")
        verdict = run["facets"].get("falaj_verdict", {}).get("verdict", "")
        line = Text(run["job"], "bold").append(f"  {(run['ended'] or run['began'])[:19]}  ", "not bold dim")
        out.print(line.append(f"{state} {verdict}", "not bold green" if state == "complete" else "not bold red"))
        for sign, side in (("←", "inputs"), ("→", "outputs")):
            for one in run[side]:
                name, _, digest = one.rpartition("@")
                out.print(Text(f"  {sign} {name} ").append(digest, "dim"))
    if not found["runs"]:
        out.print("No run.")

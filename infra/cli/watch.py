"""`falaj watch`: one look at what was asked of an endpoint since the last one."""

from pathlib import Path
from typing import Any

from rich.table import Table

from infra.cli.ask import ask, option
from infra.cli.output import OK, done, emit, guarded, out


def watch(name: str, channels: Path | None, stack: str, as_json: bool) -> int:
    """Look, and show what drifted, what is foreseen, and what was done."""
    return guarded(as_json, lambda: _watch(name, channels, stack, as_json))


def _watch(name: str, channels: Path | None, stack: str, as_json: bool) -> int:
    found = ask("monitor", stack, name, *option("--channels", channels and channels.resolve()))
    if as_json:
        emit({"ok": True, **found})
    elif found["window"] is None:
        done(f"{found['answers']} answers since the last look, {found['least']} are needed: the next one takes them")
    else:
        _show(found)
    return OK


def _show(found: dict[str, Any]) -> None:
    window = found["window"]
    table = Table("column", "PSI", "p", "level", box=None)
    moved = {name: one for name, one in window["columns"].items() if one["level"] != "none"}
    for name, one in {**moved, "answers": window["score"]}.items():
        table.add_row(name, f"{one['psi']:.4f}", f"{one['p']:.4f}", one["level"])
    out.print(table)
    for metric, one in window["estimated"].items():
        out.print(
            f"  {metric} is foreseen at {one['value']:.4f} ({one['low']:.4f} to {one['high']:.4f})", highlight=False
        )
    for one in found["reactions"]:
        told = f" {one['incident']}" if one["incident"] else ""
        out.print(f"  [yellow]![/] {one['alarm']} {one['state']}: {one['action']}{told}, {one['why']}", highlight=False)
    firing = sum(state == "firing" for state in window["states"].values())
    done(f"{found['answers']:,} answers of {found['model'][:19]}…, {firing} alarms fire")

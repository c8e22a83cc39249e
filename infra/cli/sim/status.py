"""`falaj sim status`: what runs of it, and its nodes."""

from dataclasses import asdict

from rich.table import Table

from infra.cli.output import OK, emit, guarded, out


def status(name: str, as_json: bool) -> int:
    """Print its programs with their memory, and its nodes by pool."""
    return guarded(as_json, lambda: _status(name, as_json))


def _status(name: str, as_json: bool) -> int:
    from infra.sim import health
    from infra.sim.state import find

    sim = find(name)
    programs, nodes = health.running(sim), health.nodes(sim)
    if as_json:
        emit({"ok": True, "name": name, "programs": [asdict(one) for one in programs], "nodes": nodes})
        return OK
    table = Table(title=f"{name}: {sim.server}, of stack {sim.stack}", title_justify="left", box=None)
    for column in ("program", "status", "pid", "MiB"):
        table.add_column(column, justify="right" if column in ("pid", "MiB") else "left")
    for one in programs:
        table.add_row(one.name, one.status, str(one.pid), str(one.mib))
    out.print(table)
    out.print("ready nodes: " + (", ".join(f"{count} {pool}" for pool, count in nodes.items()) or "none"))
    return OK

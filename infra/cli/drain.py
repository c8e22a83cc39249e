"""What goes, in which order, what stays and what may be left: as a person or a program reads it."""

from typing import Any

from rich.markup import escape

from infra.cli.output import out, title
from infra.drain.order import Order
from infra.drain.resource import Resource

_NAMED = 12  # resources of a wave that are told by name


def show(found: Order) -> None:
    """Print it."""
    title(f"Goes, in this order ({len(found.going)})")
    for number, wave in enumerate(found.waves, 1):
        names = [f"{one.name}{' (protected)' if one.protected else ''}" for one in wave.members]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        out.print(f"  {number}. {wave.stage.title}  [dim]{wave.stage.why}[/]")
        out.print(f"     {', '.join(names[:_NAMED])}{more}", style="cyan", markup=False)
    if found.kept:
        title(f"Stays, and stays in the state ({len(found.kept)})")
        for kept in found.kept:
            out.print(f"  {escape(kept.resource.name)}  [dim]{escape(kept.reason)}[/]")
    leaks(found)


def leaks(found: Order) -> None:
    """What to look for afterwards."""
    if found.leaks:
        title("May be left, since it is in no state; each query prints what is")
        for leak in found.leaks:
            out.print(f"  {leak.what} [dim]of {escape(leak.where)}[/]")
            out.print(f"    {leak.query}", style="dim", markup=False)


def as_dict(found: Order) -> dict[str, Any]:
    """For `--json`."""
    return {
        "waves": [
            {
                "stage": wave.stage.title,
                "why": wave.stage.why,
                "resources": [_resource(one) for one in wave.members],
            }
            for wave in found.waves
        ],
        "kept": [{**_resource(kept.resource), "reason": kept.reason} for kept in found.kept],
        "leaks": [{"what": leak.what, "where": leak.where, "query": leak.query} for leak in found.leaks],
    }


def _resource(one: Resource) -> dict[str, Any]:
    return {"urn": one.urn, "type": one.type, "name": one.name, "id": one.id, "protected": one.protected}

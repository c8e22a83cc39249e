"""What the engine plans and does, as lines a person reads."""

import time
from typing import TYPE_CHECKING, Any

from infra.cli.output import out

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent

PLANNED = {"create": "+ create", "update": "~ update", "delete": "- delete", "replace": "± replace"}
DONE = {"create": "created", "update": "updated", "delete": "removed", "replace": "replaced"}
"""The engine's operations that are worth a line; the halves of a replacement are not."""


def show(planned: list[dict[str, Any]], *, quiet: bool) -> dict[str, int]:
    """Print what would be done; how many resources would be created, updated, …: empty when nothing would be."""
    counted: dict[str, int] = {}
    for step in planned:
        if step["op"] not in ("same", "read"):
            counted[step["op"]] = counted.get(step["op"], 0) + 1
        if not quiet and step["op"] in PLANNED and _shown(step["type"]):
            out.print(f"  {PLANNED[step['op']]}  {_name(step['urn'])}", style="cyan")
    return counted


class Steps:
    """Called with each event of one operation; prints progress unless `quiet`."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self._began: dict[str, float] = {}

    def __call__(self, event: "EngineEvent") -> None:
        if before := event.resource_pre_event:
            self._began[before.metadata.urn] = time.monotonic()
        elif after := event.res_outputs_event:
            self._finish(after.metadata)

    def _finish(self, metadata: Any) -> None:
        operation = str(getattr(metadata.op, "value", metadata.op))
        if self.quiet or operation not in DONE or not _shown(metadata.type):
            return
        took = time.monotonic() - self._began.get(metadata.urn, time.monotonic())
        out.print(f"  [green]✓[/] {_name(metadata.urn)} {DONE[operation]}  [dim]{took:.1f} s[/]")


def _shown(type_: str) -> bool:
    return not type_.startswith(("pulumi:", "falaj:local:Region"))


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]

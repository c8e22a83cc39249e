"""The engine's events, as lines a person reads and as the steps the gate judges."""

import time
from typing import TYPE_CHECKING, Any

from infra.cli.output import out
from infra.errors import FalajError

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent

PLANNED = {"create": "+ create", "update": "~ update", "delete": "- delete", "replace": "± replace"}
DONE = {"create": "created", "update": "updated", "delete": "removed", "replace": "replaced"}
"""The engine's operations that are worth a line; the halves of a replacement are not."""


class Steps:
    """Called with each event of one operation; prints progress unless `quiet`."""

    def __init__(self, quiet: bool, operation: str) -> None:
        self.quiet = quiet
        self.operation = operation
        self.steps: list[dict[str, Any]] = []
        """{urn, type, op, inputs, …} of each planned step, in the engine's words."""
        self.violations: list[Any] = []
        self._began: dict[str, float] = {}

    def __call__(self, event: "EngineEvent") -> None:
        if before := event.resource_pre_event:
            self._plan(before.metadata)
        elif (after := event.res_outputs_event) and self.operation != "Plan":
            self._finish(after.metadata)
        elif event.policy_event and event.policy_event.enforcement_level == "mandatory":
            self.violations.append(event.policy_event)

    @property
    def changes(self) -> dict[str, int]:
        """How many resources would be created, updated, …; empty when nothing would be."""
        counted: dict[str, int] = {}
        for step in self.steps:
            if step["op"] not in ("same", "read"):
                counted[step["op"]] = counted.get(step["op"], 0) + 1
        return counted

    def denied(self) -> FalajError | None:
        """The gate's refusal, when there was one: every violation, each with its fix."""
        if not self.violations:
            return None
        found = list(dict.fromkeys(violation.message.strip().rstrip(".") for violation in self.violations))
        return FalajError.from_text(found[0]) or FalajError("GATE-001", "plan", "; ".join(found))

    def _plan(self, metadata: Any) -> None:
        state = metadata.new or metadata.old
        step: dict[str, Any] = {
            "urn": metadata.urn,
            "type": metadata.type,
            "op": str(getattr(metadata.op, "value", metadata.op)),
            "inputs": dict(state.inputs or {}) if state else {},
            "parent": (state.parent or "") if state else "",
        }
        self.steps.append(step)
        self._began[metadata.urn] = time.monotonic()
        if self.operation == "Plan" and not self.quiet and step["op"] in PLANNED and _shown(step["type"]):
            out.print(f"  {PLANNED[step['op']]}  {_name(step['urn'])}", style="cyan")

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

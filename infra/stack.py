"""A stack of Pulumi's Automation API that leaves the tracked stack file alone (docs/adr/0004)."""

from datetime import UTC, datetime

from pulumi.automation import OutputMap, Stack, UpdateSummary, Workspace
from pulumi.automation._stack import StackInitMode  # the API's own `select` makes a plain Stack


class QuietStack(Stack):
    """A stack that never asks for outputs or history.

    The API does after each operation, without `--config-file`, and those commands would write the salt.
    """

    @classmethod
    def select(cls, stack_name: str, workspace: Workspace) -> "QuietStack":
        """The stack of that name, which must exist."""
        return cls(stack_name, workspace, StackInitMode.SELECT)

    def outputs(self) -> OutputMap:
        """None: `Engine.outputs` reads them from the state."""
        return {}

    def info(self, show_secrets: bool = True) -> UpdateSummary:
        """An empty summary: events have told all of it."""
        now = datetime.now(UTC)
        return UpdateSummary("", now, "", {}, {}, "succeeded", now)

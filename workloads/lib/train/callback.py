# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUntypedBaseClass=false, reportMissingTypeArgument=false
"""Ray Train's callback that keeps a training's journal. It runs in the controller; training never waits for MLflow."""

import threading
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from ray.train import Checkpoint, UserCallback

from infra.errors import FalajError
from workloads.lib.platform import Platform
from workloads.lib.track import Tracker
from workloads.lib.train.journal import Journal, Status
from workloads.lib.workspace import Workspace


class Tracking(UserCallback):
    """Only text travels to the controller; the store is opened there."""

    def __init__(self, platform_file: Path, prefix: str, tracker: Tracker, key: str) -> None:
        self.where = (platform_file, prefix, tracker, key)
        self.sender: threading.Thread | None = None

    @cached_property
    def journal(self) -> Journal:
        """The run's, with the store opened here."""
        platform_file, prefix, tracker, key = self.where
        return Journal(tracker, Workspace(Platform.load(platform_file).open_store(), prefix), key)

    def after_report(self, run_context: Any, metrics: list[dict[str, Any]], checkpoint: Checkpoint | None) -> None:
        """Keep the history so far, and send what is new beside the training."""
        self._keep("RUNNING", history=metrics[0]["history"])

    def after_exception(self, run_context: Any, worker_exceptions: dict[int, Exception]) -> None:
        """Say so: the run counts as failed until a restarted worker reports."""
        lost = ", ".join(f"{rank}: {type(error).__name__}" for rank, error in sorted(worker_exceptions.items()))
        self._keep("FAILED", tags={"falaj.lost_workers": lost})

    def _keep(self, status: Status, **what: Any) -> None:
        with suppress(FalajError):  # of a full store the checkpoints tell; each history holds those before it
            self.journal.keep(status, **what)
        if self.sender is None or not self.sender.is_alive():
            self.sender = threading.Thread(target=self.journal.send, daemon=True)
            self.sender.start()

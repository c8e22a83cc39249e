# pyright: reportUnknownVariableType=false
"""The journal of a training: one MLflow run across restarts. What the server has not taken waits, sealed.

The history (a row for each epoch) is part of every checkpoint, so it outlives each process; `sent` says how much of it
MLflow has. A row that is sent again, because its sender was killed, is the same point with the same time:
one in MLflow.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from infra.errors import FalajError
from workloads.lib.lock import held
from workloads.lib.track import Tracker
from workloads.lib.workspace import Workspace

KEPT, SENT = "journal", "journal-sent"
Status = Literal["RUNNING", "FINISHED", "FAILED"]


@dataclass(frozen=True)
class Journal:
    """Of the run with that key. `keep` never needs the server, `send` does."""

    tracker: Tracker
    work: Workspace
    key: str

    def keep(
        self,
        status: Status,
        history: list[dict[str, float]] | None = None,
        params: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Seal how the run is, its history so far, and further parameters (nested ones are flattened) and tags."""
        kept = self._kept()
        kept["params"] |= flat(params or {})
        kept["tags"] |= dict(tags or {})
        longer = history is not None and len(history) >= len(kept["history"])
        self.work.put_json(KEPT, kept | {"status": status} | ({"history": history} if longer else {}))

    def send(self) -> bool:
        """Send what MLflow does not have yet; False when it does not answer: nothing is lost, send later."""
        try:
            with held(self.work.store, f"{self.work.prefix}/journal"):  # two at once would each open a run
                self._send(self._kept(), self._sent())
        except FalajError as error:
            if error.code != "WRK-012":
                raise
            return False
        return True

    def _send(self, kept: dict[str, Any], sent: dict[str, Any]) -> None:
        new = {name: value for name, value in kept["params"].items() if name not in sent["params"]}
        points = [point for row in kept["history"][sent["rows"] :] for point in _points(row)]
        run = sent["run"] or self.tracker.open(self.key)
        if points or new or kept["tags"] != sent["tags"]:
            self.tracker.log(run, points, new, kept["tags"])
        if kept["status"] != sent["status"]:
            self.tracker.set_status(run, kept["status"])
        now = {"run": run, "rows": len(kept["history"]), "params": sorted(kept["params"])}
        self.work.put_json(SENT, now | {"tags": kept["tags"], "status": kept["status"]})

    @property
    def run(self) -> str | None:
        """Id of the run in MLflow, once something was sent."""
        return self._sent()["run"]

    def _kept(self) -> dict[str, Any]:
        empty: dict[str, Any] = {"status": "RUNNING", "history": [], "params": {}, "tags": {}}
        return self.work.find_json(KEPT, empty)

    def _sent(self) -> dict[str, Any]:
        empty: dict[str, Any] = {"run": None, "rows": 0, "params": [], "tags": {}, "status": "RUNNING"}
        return self.work.find_json(SENT, empty)


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested names joined by dots."""
    out: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            nested: Mapping[str, Any] = value
            out |= flat(nested, f"{prefix}{name}.")
        else:
            out[prefix + name] = value
    return out


def _points(row: dict[str, float]) -> list[dict[str, Any]]:
    names = row.keys() - {"epoch", "at"}
    at = {"timestamp": int(row["at"]), "step": int(row["epoch"])}
    return [{"key": name, "value": row[name], **at} for name in sorted(names)]

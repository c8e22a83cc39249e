"""Record a run in MLflow: parameters, metrics and tags, never data or model bytes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workloads.lib.mlflow_rest import MlflowRest

KEY_TAG = "falaj.run"
MOST_POINTS, MOST_PAIRS, MOST_TEXT = 1000, 100, 6000
"""Of one request, and the characters of a parameter: mlflow/utils/validation.py of 3.17."""


@dataclass(frozen=True)
class Tracker(MlflowRest):
    """One experiment on the tracking server."""

    experiment: str

    def open(self, key: str) -> str:
        """Id of the run of that key, whatever its state; made when there is none."""
        runs = self._runs(key)
        return runs[0]["info"]["run_id"] if runs else self._create(key)

    def log(self, run: str, points: list[dict[str, Any]], params: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        """Add points {key, value, timestamp (ms), step}, parameters and tags. The same again changes nothing."""
        for first in range(0, max(len(points), 1), MOST_POINTS):
            self.call("runs/log-batch", {"run_id": run, "metrics": points[first : first + MOST_POINTS]})
        pairs = [{"key": name, "value": str(value)[:MOST_TEXT]} for name, value in params.items()]
        for first in range(0, len(pairs), MOST_PAIRS):
            self.call("runs/log-batch", {"run_id": run, "params": pairs[first : first + MOST_PAIRS]})
        self.call("runs/log-batch", {"run_id": run, "tags": [{"key": k, "value": v} for k, v in tags.items()]})

    def set_status(self, run: str, status: Literal["RUNNING", "FINISHED", "FAILED"]) -> None:
        """Say how the run is; one that is not running has ended now."""
        ended = {} if status == "RUNNING" else {"end_time": int(time.time() * 1000)}
        self.call("runs/update", {"run_id": run, "status": status} | ended)

    def _create(self, key: str) -> str:
        body = {
            "experiment_id": self._experiment(),
            "run_name": key[:19],
            "start_time": int(time.time() * 1000),
            "tags": [{"key": KEY_TAG, "value": key}],
        }
        return self.call("runs/create", body)["run"]["info"]["run_id"]

    def _runs(self, key: str) -> list[dict[str, Any]]:
        body = {"experiment_ids": [self._experiment()], "filter": f"tags.`{KEY_TAG}` = '{key}'", "max_results": 10}
        return self.call("runs/search", body).get("runs", [])

    def _experiment(self) -> str:
        status, answer = self.ask(f"experiments/get-by-name?experiment_name={self.experiment}")
        if status == 404:
            return self.call("experiments/create", {"name": self.experiment})["experiment_id"]
        return self.checked(status, answer)["experiment"]["experiment_id"]

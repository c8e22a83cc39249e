"""Record a run in MLflow through its REST interface: parameters, metrics and tags, never data or model bytes.

The interface rather than the client library: two requests do not need a five-second import.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from infra.errors import FalajError
from workloads.lib import http

KEY_TAG = "falaj.run"
MOST_POINTS, MOST_PAIRS, MOST_TEXT = 1000, 100, 6000
"""Of one request, and the characters of a parameter: mlflow/utils/validation.py of 3.17."""


@dataclass(frozen=True)
class Tracker:
    """One experiment on the tracking server."""

    url: str
    experiment: str

    def find(self, key: str) -> str | None:
        """Id of the finished run of that key."""
        runs = self._runs(key)
        return next((run["info"]["run_id"] for run in runs if run["info"]["status"] == "FINISHED"), None)

    def record(
        self,
        key: str,
        params: Mapping[str, Any],
        metrics: Mapping[str, float],
        curve: list[float],
        tags: Mapping[str, str],
    ) -> str:
        """Write the run once; a run a killed attempt left open is completed. `curve` is the loss per epoch."""
        run = self.open(key)
        now = int(time.time() * 1000)
        points = [{"key": name, "value": value, "timestamp": now, "step": 0} for name, value in metrics.items()]
        points += [
            {"key": "loss", "value": value, "timestamp": now, "step": step} for step, value in enumerate(curve, 1)
        ]
        self.log(run, points, params, tags)
        self.set_status(run, "FINISHED")
        return run

    def open(self, key: str) -> str:
        """Id of the run of that key, whatever its state; made when there is none."""
        runs = self._runs(key)
        return runs[0]["info"]["run_id"] if runs else self._create(key)

    def log(self, run: str, points: list[dict[str, Any]], params: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        """Add points {key, value, timestamp (ms), step}, parameters and tags. The same again changes nothing."""
        for first in range(0, max(len(points), 1), MOST_POINTS):
            self._call("runs/log-batch", {"run_id": run, "metrics": points[first : first + MOST_POINTS]})
        pairs = [{"key": name, "value": str(value)[:MOST_TEXT]} for name, value in params.items()]
        for first in range(0, len(pairs), MOST_PAIRS):
            self._call("runs/log-batch", {"run_id": run, "params": pairs[first : first + MOST_PAIRS]})
        self._call("runs/log-batch", {"run_id": run, "tags": [{"key": k, "value": v} for k, v in tags.items()]})

    def set_status(self, run: str, status: Literal["RUNNING", "FINISHED", "FAILED"]) -> None:
        """Say how the run is; one that is not running has ended now."""
        ended = {} if status == "RUNNING" else {"end_time": int(time.time() * 1000)}
        self._call("runs/update", {"run_id": run, "status": status} | ended)

    def _create(self, key: str) -> str:
        body = {
            "experiment_id": self._experiment(),
            "run_name": key[:19],
            "start_time": int(time.time() * 1000),
            "tags": [{"key": KEY_TAG, "value": key}],
        }
        return self._call("runs/create", body)["run"]["info"]["run_id"]

    def _runs(self, key: str) -> list[dict[str, Any]]:
        body = {"experiment_ids": [self._experiment()], "filter": f"tags.`{KEY_TAG}` = '{key}'", "max_results": 10}
        return self._call("runs/search", body).get("runs", [])

    def _experiment(self) -> str:
        status, answer = self._ask(f"experiments/get-by-name?experiment_name={self.experiment}", None)
        if status == 404:
            return self._call("experiments/create", {"name": self.experiment})["experiment_id"]
        return self._checked(status, answer)["experiment"]["experiment_id"]

    def _call(self, path: str, body: Any) -> dict[str, Any]:
        return self._checked(*self._ask(path, body))

    def _ask(self, path: str, body: Any) -> tuple[int, Any]:
        try:
            return http.call(f"{self.url}/api/2.0/mlflow/{path}", body)
        except http.NoAnswer as error:
            raise FalajError("WRK-012", self.url, f"the tracking server does not answer: {error}") from error

    def _checked(self, status: int, answer: Any) -> dict[str, Any]:
        if status != 200 or not isinstance(answer, dict):
            raise FalajError("WRK-012", self.url, f"the tracking server answered {status}: {str(answer)[:200]}")
        return answer  # pyright: ignore[reportUnknownVariableType]

"""Record a run in MLflow through its REST interface: parameters, metrics and tags, never data or model bytes.

The interface rather than the client library: two requests do not need a five-second import.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.errors import FalajError
from workloads.lib import http

KEY_TAG = "falaj.run"


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
        runs = self._runs(key)
        run = runs[0]["info"]["run_id"] if runs else self._create(key)
        now = int(time.time() * 1000)
        points = [{"key": name, "value": value, "timestamp": now, "step": 0} for name, value in metrics.items()]
        points += [
            {"key": "loss", "value": value, "timestamp": now, "step": step} for step, value in enumerate(curve, 1)
        ]
        batch = {
            "run_id": run,
            "metrics": points,
            "params": [{"key": name, "value": str(value)} for name, value in params.items()],
            "tags": [{"key": name, "value": value} for name, value in tags.items()],
        }
        self._call("runs/log-batch", batch)
        self._call("runs/update", {"run_id": run, "status": "FINISHED", "end_time": now})
        return run

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

"""MLflow's REST interface. Not its client library: a few requests do not need a five-second import."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.errors import FalajError
from workloads.lib import http


@dataclass(frozen=True)
class MlflowRest:
    """A tracking server. WRK-012 when it does not answer, or not with what was asked for."""

    url: str

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        """(status, answer) of a GET, or a POST when there is a body, whatever the status is."""
        try:
            return http.call(f"{self.url}/api/2.0/mlflow/{path}", body)
        except http.NoAnswer as error:
            raise FalajError("WRK-012", self.url, f"the tracking server does not answer: {error}") from error

    def checked(self, status: int, answer: Any) -> dict[str, Any]:
        """The answer, when it is a good one."""
        if status != 200 or not isinstance(answer, dict):
            raise FalajError("WRK-012", self.url, f"the tracking server answered {status}: {str(answer)[:200]}")
        return answer  # pyright: ignore[reportUnknownVariableType]

    def call(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The good answer."""
        return self.checked(*self.ask(path, body))

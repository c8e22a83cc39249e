"""How much of a machine a deployment gets, and when it says that it is full. Imports nothing heavy."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Count = Annotated[int, Field(ge=1)]
RETRY_AFTER = 1
"""Seconds after which a refused client may ask again."""


class Scale(BaseModel):
    """Replicas from `min` to `max`, and the bounds of their queues."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    min: Count = 1
    max: Count = 1
    cpus: Annotated[float, Field(ge=0)] = 0
    """That Ray sets aside for each replica; none, so that a training run on the same machine can have them all."""
    threads: Count = 1
    """Of one call of the model."""
    target: Annotated[float, Field(gt=0)] = 16
    """Requests at once per replica that autoscaling aims at."""
    ongoing: Count = 64
    """Requests that a replica works on at once."""
    queued: Count = 512
    """Requests that wait for a replica, of each who asks; past it 503 with Retry-After."""
    batch: Count = 32
    """Rows of one call of the model at most."""
    batch_wait: Annotated[float, Field(ge=0)] = 0.0
    """Seconds to wait for a batch to fill. 0: what waits already goes together, and nobody waits for more."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min is {self.min}, more than max, {self.max}")
        return self

    def options(self) -> dict[str, Any]:
        """As Serve's deployment options."""
        from ray.serve.config import BackpressureConfig

        scaled: dict[str, Any] = {"num_replicas": self.min}
        if self.min < self.max:
            autoscaling = {"min_replicas": self.min, "max_replicas": self.max, "target_ongoing_requests": self.target}
            scaled = {"autoscaling_config": autoscaling}
        return scaled | {
            "ray_actor_options": {"num_cpus": self.cpus},
            "max_ongoing_requests": self.ongoing,
            "max_queued_requests": self.queued,
            "backpressure_config": BackpressureConfig(retry_after_s=RETRY_AFTER),
            "max_surge_percent": 100,  # a new replica answers before the old one stops
            "logging_config": {"enable_access_log": False},  # the request log says more, sealed
            "health_check_period_s": 2,
            "graceful_shutdown_timeout_s": 30,
        }

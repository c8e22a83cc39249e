"""What to train and how: typed, from a workload's spec. Imports nothing heavy."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from infra.errors import FalajError
from workloads.lib import fingerprint

Task = Literal["classification", "regression"]
Device = Literal["cpu", "gpu"]
Count = Annotated[int, Field(ge=1)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Workers(_Model):
    """How many processes share a batch. Between `min` and `max` the run is elastic: it goes on with those it has."""

    min: Count = 1
    max: Count = 1
    resize_seconds: Annotated[float, Field(gt=0)] = 60
    """How often an elastic run looks for workers that came back."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min is {self.min}, more than max, {self.max}")
        return self


class Training(_Model):
    """Hyperparameters, and the profile: what it runs on and how fast. One spec serves CPU and GPU."""

    seed: Annotated[int, Field(ge=0)]
    epochs: Annotated[int, Field(ge=1, le=10_000)]
    batch: Count
    """Rows of one step, over all workers together: the result does not depend on how many there are."""
    learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    optimizer: Literal["adamw", "sgd"] = "adamw"
    schedule: Literal["constant", "cosine", "one_cycle"] = "one_cycle"
    early_stop: Count | None = None
    """Stop after so many epochs in which the validation loss did not fall, and keep the best epoch's weights."""
    precision: Literal["fp32", "bf16"] = "fp32"
    compile: bool = False
    device: Literal["cpu", "gpu", "auto"] = "auto"
    workers: Workers = Workers()
    threads: Count | None = None
    """Of each worker; by default its share of the cores."""
    checkpoint: Count = 500
    """Steps from one checkpoint to the next."""
    keep: Count = 2
    """How many checkpoints are kept."""
    retries: Annotated[int, Field(ge=0)] = 3
    """How many lost workers a run recovers from by itself (preempted ones are not counted)."""


class Job(_Model):
    """One training: the task, the network, and the sealed examples in the workspace by name."""

    task: Task
    network: Annotated[str, StringConstraints(pattern=r"^[\w.]+:\w+$")]
    """`package.module:function`; called with `network_config` it returns a torch Module: inputs by name to scores."""
    network_config: dict[str, Any] = {}
    training: Training
    train: str = "train"
    validation: str | None = None

    @property
    def digest(self) -> str:
        """What the weights depend on; a checkpoint of another digest is foreign. How it is run is left out."""
        run = {"device", "workers", "threads", "checkpoint", "keep", "retries"}
        return fingerprint.of_value(self.model_dump(mode="json", exclude={"training": run}))


@dataclass(frozen=True)
class Profile:
    """What a training really runs on."""

    device: Device
    min_workers: int
    max_workers: int
    cpus: int
    """Of each worker."""
    threads: int
    """Of each worker."""


def profile(training: Training, cpus: int, gpus: int) -> Profile:
    """The profile on a runtime of so many cores and GPUs. TRN-001 when it has not what the spec asks for.

    By default one worker with every core: on one machine threads over a shared batch beat processes that average
    gradients. On GPUs each worker has one.
    """
    workers = training.workers
    device: Device = ("gpu" if gpus >= workers.min else "cpu") if training.device == "auto" else training.device
    there, unit = (gpus, "GPUs") if device == "gpu" else (cpus, "cores")
    if workers.min > there:
        raise FalajError("TRN-001", "training.workers", f"min is {workers.min}, the runtime has {there} {unit}")
    most = min(workers.max, there)
    share = max(1, cpus // most)
    return Profile(device, workers.min, most, share, training.threads or share)

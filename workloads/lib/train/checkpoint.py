# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Checkpoints: all that a training needs to go on, as one sealed object each. Safetensors and JSON, no pickle."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from safetensors.torch import load, save
from torch import Tensor

from infra.errors import FalajError
from workloads.lib.fingerprint import canonical
from workloads.lib.workspace import Workspace

FORMAT = "falaj-checkpoint/1"


@dataclass
class Position:
    """Where a training is, in JSON. Learning rate, order of rows and random numbers follow from `step`."""

    step: int = 0
    total: float = 0.0
    """Weighted sum of the running epoch's losses."""
    history: list[dict[str, float]] = field(default_factory=list[dict[str, float]])
    """One row for each finished epoch: {epoch, at (ms since 1970), loss, validation_…}."""
    best: int | None = None
    """Number of the epoch with the lowest validation loss, when the training may stop early."""
    attempts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Each start: {step, workers, refused (checkpoints it could not use), hardware}."""


@dataclass(frozen=True)
class Checkpoint:
    """A position with its tensors: `network/…`, `best/…` and those of the optimizer, whose state is a tree."""

    position: Position
    tensors: dict[str, Tensor]
    optimizer: Any

    def to_bytes(self, job: str) -> bytes:
        """Safetensors; everything else in its header. `job`: digest of the training it belongs to."""
        tensors = dict(self.tensors)
        tree = _flat(self.optimizer, "optimizer", tensors)
        about = canonical({"job": job, "position": asdict(self.position), "optimizer": tree}).decode()
        return save({name: value.contiguous() for name, value in tensors.items()}, {FORMAT: about})

    @classmethod
    def from_bytes(cls, data: bytes, job: str, name: str) -> "Checkpoint":
        """TRN-004 when it is no checkpoint, or one of another training."""
        try:
            header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
            about = json.loads(header["__metadata__"][FORMAT])
            if about["job"] != job:
                raise FalajError("TRN-004", name, f"it belongs to training {about['job']}, this one is {job}")
            tensors = load(data)
            return cls(Position(**about["position"]), tensors, _tree(about["optimizer"], tensors))
        except FalajError:
            raise
        except Exception as error:  # a parser of foreign bytes may raise anything
            raise FalajError("TRN-004", name, f"it cannot be read: {type(error).__name__}") from error


@dataclass(frozen=True)
class Checkpoints:
    """Those of one training in its workspace; the last `keep` of them stay."""

    work: Workspace
    job: str
    keep: int

    def save(self, checkpoint: Checkpoint) -> str:
        """Seal it, then forget the older ones; its name. STO-007 when the store is full: those before it stay."""
        name = _name(checkpoint.position.step)
        self.work.put(name, checkpoint.to_bytes(self.job))
        kept = [other for other in self.names() if other <= name][: self.keep]
        self.work.drop(*(other for other in self.names() if other not in kept))
        return name

    def load(self, name: str) -> Checkpoint:
        """STO-004 when its bytes are not as written, TRN-004 when they are of something else."""
        return Checkpoint.from_bytes(self.work.get(name), self.job, name)

    def newest(self) -> tuple[str | None, list[str]]:
        """Name of the newest that can be used, and the errors of those after it that were refused."""
        refused: list[str] = []
        for name in self.names():
            try:
                self.load(name)
            except FalajError as error:
                refused.append(f"{error.code} {name}")
            else:
                return name, refused
        return None, refused

    def names(self) -> list[str]:
        """From the newest to the oldest."""
        prefix = f"{self.work.prefix}/"
        names = self.work.store.names(f"{prefix}checkpoint/")
        return [name.removeprefix(prefix) for name in reversed(names)]


def _name(step: int) -> str:
    return f"checkpoint/{step:010d}"


def _flat(value: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    """JSON of a tree; its tensors go into `tensors` under their paths. Dicts become pairs: their keys may be ints."""
    if isinstance(value, Tensor):
        tensors[path] = value
        return {"tensor": path}
    if isinstance(value, dict):
        items: dict[Any, Any] = value
        return {"dict": [[key, _flat(item, f"{path}/{key}", tensors)] for key, item in items.items()]}
    if isinstance(value, list | tuple):
        members: list[Any] = list(value)
        return [_flat(item, f"{path}/{at}", tensors) for at, item in enumerate(members)]
    return value


def _tree(flat: Any, tensors: dict[str, Tensor]) -> Any:
    """What `_flat` was given; its tensors are taken out of `tensors`, and its tuples are lists."""
    if isinstance(flat, list):
        members: list[Any] = flat
        return [_tree(item, tensors) for item in members]
    if not isinstance(flat, dict):
        return flat
    node: dict[str, Any] = flat
    if "tensor" in node:
        return tensors.pop(node["tensor"])
    return {key: _tree(item, tensors) for key, item in node["dict"]}

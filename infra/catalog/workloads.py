"""The bundled workloads as a plan knows them: by their files, since the program imports nothing of theirs."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from infra import yaml_text
from infra.errors import FalajError
from infra.home import PROJECT

FOLDER = PROJECT / "workloads"


class Workers(BaseModel):
    """How many processes share a batch."""

    model_config = ConfigDict(frozen=True)
    min: int = 1
    max: int = 1


class Training(BaseModel):
    """What a workload's spec says of the machines that it trains on."""

    model_config = ConfigDict(frozen=True)
    device: Literal["cpu", "gpu", "auto"] = "auto"
    workers: Workers = Workers()


def workloads() -> list[str]:
    """Their names."""
    return sorted(main.parent.name for main in FOLDER.glob("*/__main__.py"))


def training(workload: str) -> Training:
    """Of its `spec.yaml`. WRK-003 when that cannot be read; the workload itself reads all of it."""
    file = FOLDER / workload / "spec.yaml"
    try:
        said: Any = yaml_text.read(file)
        return Training.model_validate(said["training"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = f"its `training` cannot be read: {' '.join(str(error).split())[:200]}"
        raise FalajError("WRK-003", str(file.relative_to(FOLDER.parent)), problem) from error

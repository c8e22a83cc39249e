"""`serving.json` of a registry entry: what a scorer has to know beside weights and transform. Imports nothing heavy."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from workloads.lib.data.column import Schema
from workloads.lib.train.spec import Task

FILE = "serving.json"
TRANSFORM, WEIGHTS, ONNX = "transform.json", "model.safetensors", "model.onnx"


class Parity(BaseModel):
    """How far ONNX Runtime and torch were apart on real rows when the model was registered."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    rows: Annotated[int, Field(ge=1)]
    max_difference: Annotated[float, Field(ge=0)]
    """Of scores (log-odds or values), in units of the scores' own scale where that is above 1."""
    bound: Annotated[float, Field(gt=0)]


class Described(BaseModel):
    """The model's task, its request's columns, and the network that the weights belong to."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    task: Task
    network: Annotated[str, StringConstraints(pattern=r"^[\w.]+:\w+$")]
    network_config: dict[str, Any] = {}
    table: dict[str, Any]
    """`Schema.as_dict` of the table whose columns a request has; which of them is for the transform to say."""
    views: tuple[dict[str, Any], ...] = ()
    """Feature views whose features the endpoint looks up when a request leaves them out."""
    parity: Parity | None = None
    """None without ONNX: torch serves then."""

    @property
    def schema_of_rows(self) -> Schema:
        """The table's schema."""
        return Schema.of_dict(self.table)

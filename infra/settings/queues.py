"""The settings of queues for work in a cluster."""

from typing import Annotated

from pydantic import Field

from infra.settings.strict import Strict

Space = Annotated[str, Field(pattern="^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
QueueName = Annotated[str, Field(pattern="^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]


class Queue(Strict):
    """A claim on machines."""

    machines: Annotated[dict[str, Annotated[int, Field(ge=0, le=1000)]], Field(min_length=1)]
    """How many machines of each pool are its own; with 0 it has only what others lend."""
    namespaces: Annotated[list[Space], Field(min_length=1)] = ["ray"]
    """Where work is put in under the queue's name."""
    borrows: bool = True
    """Whether it may use what other queues leave unused, until they want it back."""
    weight: Annotated[int, Field(ge=1, le=1000)] = 1
    """Of several that borrow, how much of it is for this one."""

"""The two halves of a local resource: what a program declares, and what the provider does about it.

A noun's file holds its `Inputs`, its resource class and its `Kind`. The engine calls a Kind's verbs through
`provider/servicer.py`; every verb may be called again after a crash and must then finish what was begun.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

import pulumi
from pydantic import BaseModel, ConfigDict

Properties = dict[str, Any]


class Inputs(BaseModel):
    """What a program may set: unknown names, wrong types and values out of range are refused.

    An input added to a released type has a default, so that older states can still be read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


I = TypeVar("I", bound=Inputs)  # noqa: E741


class Kind(Generic[I]):
    """One type of local resource, as the provider sees it. `I` are its inputs."""

    type_name: ClassVar[str]
    """The type's name in a program: `falaj:local:<Noun>`."""
    schema: type[I]
    outputs: ClassVar[tuple[str, ...]] = ()
    """Properties that only `create` knows."""
    replaced_by: ClassVar[tuple[str, ...]] = ("path",)
    """Inputs that cannot change in place."""

    def check(self, inputs: I) -> None:
        """Refuse, before anything is touched, what `create` could not do. FalajError says why."""

    def create(self, inputs: I) -> tuple[str, Properties]:
        """Make it, or adopt what a killed run left. Returns (id, outputs)."""
        raise NotImplementedError

    def read(self, inputs: I, outputs: Properties) -> Properties | None:
        """The outputs as they are now, given the last known ones; None when it is gone."""
        raise NotImplementedError

    def drift(self, inputs: I, outputs: Properties) -> set[str]:
        """Names of the outputs that are not as they should be; empty when all is well."""
        now = self.read(inputs, outputs)
        return {name for name in self.outputs if now is None or now[name] != outputs.get(name)}

    def update(self, old: I, new: I) -> Properties:
        """Change it in place. Returns the new outputs."""
        return self.create(new)[1]

    def delete(self, inputs: I) -> None:
        """Remove it and everything it made; fine when it is gone already."""
        raise NotImplementedError


class RunningKind(Kind[I]):
    """A kind that runs: its output `status` is `running`, or it has drifted."""

    def drift(self, inputs: I, outputs: Properties) -> set[str]:
        """`status`, unless it runs."""
        now = self.read(inputs, outputs)
        return set() if now and now["status"] == "running" else {"status"}


class LocalResource(pulumi.CustomResource):
    """A resource of the local target: a thing on this machine, made by the `falaj` provider plugin."""

    kind: ClassVar[type[Kind[Any]]]

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        outputs = dict.fromkeys(self.kind.outputs)
        super().__init__(self.kind.type_name, name, {**inputs, **outputs}, opts)

    def output(self, name: str) -> pulumi.Output[Any]:
        """An input or output of the resource, by name."""
        return getattr(self, name)
